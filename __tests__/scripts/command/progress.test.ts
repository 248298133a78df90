import { formatSeconds, Progress } from "../../../scripts/command/progress";

function output(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 80, write: (text: string) => written.push(text), text: () => written.join("") };
}

test("in a pipe a step is plain lines: no colour, no cursor movement", async () => {
  const pipe = output(false);
  const progress = new Progress(pipe, {}, 5);
  await progress.step("Apply", async (step) => {
    step.update("1 of 2");
    await new Promise((resolve) => setTimeout(resolve, 40));
  });
  await expect(progress.step("Plan", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(pipe.text()).toMatch(
    /^- Apply\n {2}Apply 0\.\d s {2}1 of 2\n✔ Apply \(0\.\d s\)\n- Plan\n✖ Plan \(0\.\d s\)\n$/,
  );
});

test.each([{ CI: "true" }, { TERM: "dumb" }])("a terminal with %p gets plain lines, too", async (environment) => {
  const terminal = output(true);
  await new Progress(terminal, environment).step("Plan", async () => {});
  expect(terminal.text()).not.toContain("\x1b");
});

test("on a terminal a step renews its line, which never wraps", async () => {
  const terminal = output(true);
  await new Progress(terminal, {}).step("Apply", async (step) => {
    step.update("x".repeat(200));
    await new Promise((resolve) => setTimeout(resolve, 150));
  });
  const lines = terminal.text().split("\r\x1b[2K").slice(1, -1);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.length < 80)).toBe(true);
});

test("seconds read as people write them", () => {
  expect([4.23, 59.9, 65, 600].map(formatSeconds)).toEqual(["4.2 s", "59.9 s", "1 min 05 s", "10 min 00 s"]);
});
