import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { ping, Unavailable } from "../../../functions/check-redis/redis";

const folder = mkdtempSync(join(tmpdir(), "redis-"));
const tls = jest.requireActual<typeof import("node:tls")>("node:tls");
let server: Server;
let port: number;
/** What the server answers to AUTH and PING, by the words that it got. */
let answer: (words: readonly string[]) => string;
const received: string[][] = [];
let trusted: string;

beforeAll(async () => {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost", "-keyout", join(folder, "key"), "-out", join(folder, "cert")],
    ],
    { stdio: "ignore" },
  );
  trusted = readFileSync(join(folder, "cert"), "utf8");
  server = createServer({ key: readFileSync(join(folder, "key")), cert: trusted }, (socket) => {
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (data) => {
      text += data;
      const words = [...text.matchAll(/\$\d+\r\n(.*)\r\n/g)].map(([, word]) => word ?? "");
      if (words.length < Number(/^\*(\d+)/.exec(text)?.[1])) {
        return;
      }
      text = "";
      received.push(words);
      const reply = answer(words);
      // In two pieces, as a network may bring it.
      socket.write(reply.slice(0, 3));
      setTimeout(() => (reply === "" ? socket.end() : socket.write(reply.slice(3))), 5);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Node reads NODE_EXTRA_CA_CERTS when it starts: here the authority is added to the connection. */
function trusting(): void {
  const { connect } = tls;
  jest.spyOn(tls, "connect").mockImplementation(((options: object) => connect({ ...options, ca: trusted })) as never);
}
beforeEach(trusting);
afterEach(() => {
  jest.restoreAllMocks();
  received.length = 0;
});

const says = (replies: Readonly<Record<string, string>>) => {
  answer = ([word = ""]) => `${replies[word] ?? ""}${word in replies ? "\r\n" : ""}`;
};
const login = (token: string | undefined) => ping({ host: "localhost", port }, token);

test("a token that is taken is accepted, and what is sent is RESP", async () => {
  says({ AUTH: "+OK", PING: "+PONG" });
  expect(await login("a token")).toBe("accepted");
  expect(received).toEqual([["AUTH", "a token"], ["PING"]]);
});

test.each([
  "-WRONGPASS invalid username-password pair or user is disabled.",
  "-ERR invalid password",
  "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
])("refused: %s", async (reply) => {
  says({ AUTH: reply, PING: "+PONG" });
  expect(await login("t")).toBe("refused");
  expect(received).toEqual([["AUTH", "t"]]);
});

test("without a token nothing but PING is said", async () => {
  says({ PING: "-NOAUTH Authentication required." });
  expect(await login(undefined)).toBe("refused");
  says({ PING: "+PONG" });
  expect(await login(undefined)).toBe("accepted");
  expect(received).toEqual([["PING"], ["PING"]]);
});

test.each(["-LOADING Redis is loading the dataset in memory", "-ERR max number of clients reached", ""])(
  "neither accepted nor refused: %j",
  async (reply) => {
    says(reply === "" ? {} : { AUTH: reply });
    await expect(login("t")).rejects.toThrow(Unavailable);
  },
);

test("a port where nobody listens may be one in a moment", async () => {
  await expect(ping({ host: "localhost", port: 1 }, "t")).rejects.toThrow(Unavailable);
});

test("a server whose authority is not known is told no token", async () => {
  jest.restoreAllMocks();
  says({ AUTH: "+OK", PING: "+PONG" });
  await expect(login("secret")).rejects.toThrow(/self-signed certificate/);
  expect(received).toEqual([]);
});
