import { scramVerifier } from "../../../functions/bootstrap-database/scram";

test("the verifier of RFC 7677's example, in PostgreSQL's form", () => {
  expect(scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"))).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

test("two verifiers of one password differ: each has its salt", () => {
  expect(scramVerifier("pencil")).not.toBe(scramVerifier("pencil"));
});

test.each(["", "ключ", "tab\t"])("a password that would need SASLprep is refused: %j", (password) => {
  expect(() => scramVerifier(password)).toThrow("printable ASCII");
});
