import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stop } from "../../../scripts/command/stop";
import { Emulator } from "../../../scripts/local/emulator";

const root = mkdtempSync(join(tmpdir(), "emulator "));

/** Takes the arguments of `python -m emulator`, and answers its health route as that does. */
const python = join(root, "python");
writeFileSync(
  python,
  `#!${process.execPath}
const value = (name) => process.argv[process.argv.indexOf(name) + 1];
const accountId = value("--account-id");
if (accountId === "000000000000") { console.error("no such account"); process.exit(1); }
const server = require("node:http").createServer((request, response) => {
  response.end(JSON.stringify({ ok: true, accountId, pid: process.pid, url: request.url, method: request.method }));
});
server.listen(Number(value("--port")), "127.0.0.1", () =>
  console.log(JSON.stringify({ ready: true, port: server.address().port, pid: process.pid })));
`,
);
chmodSync(python, 0o755);

const accountId = "111111111111";
const start = (port = 0, account = accountId) =>
  Emulator.start({ root, python, directory: root, port, accountId: account });

afterEach(() => Emulator.end(root));
afterAll(() => rmSync(root, { recursive: true }));

test("an emulator that answers is found again by another run, until it is stopped", async () => {
  expect(Emulator.wasStarted(root)).toBe(false);
  const started = await start();
  const found = await Emulator.find(root);
  expect(found).toMatchObject({ pid: started.pid, port: started.port, accountId });
  expect(found?.url).toBe(`http://127.0.0.1:${started.port}`);
  await started.stop();
  expect(started.isRunning).toBe(false);
  expect(await Emulator.find(root)).toBeUndefined();
  expect(Emulator.wasStarted(root)).toBe(false);
});

test("an emulator that died is not found, and was started", async () => {
  const emulator = await start();
  process.kill(emulator.pid, "SIGKILL");
  while (emulator.isRunning) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(await Emulator.find(root)).toBeUndefined();
  expect(Emulator.wasStarted(root)).toBe(true);
});

test("an emulator of another account at the recorded port is not taken for ours", async () => {
  await start();
  const record = join(root, "emulator.json");
  writeFileSync(record, readFileSync(record, "utf8").replace(accountId, "222222222222"));
  expect(await Emulator.find(root)).toBeUndefined();
});

test("a port in use is named, with the way out", async () => {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(0, "127.0.0.1", () => resolve(listening));
  });
  const { port } = server.address() as { port: number };
  await expect(start(port)).rejects.toThrow(`port ${port} of 127.0.0.1 is in use by another program`);
  await expect(start(port)).rejects.toThrow(`--port ${port + 1}`);
  server.close();
});

test("an emulator that ends at once is reported with what it said", async () => {
  await expect(start(0, "000000000000")).rejects.toThrow(/did not start \(log: .*emulator\.log\):\nno such account/);
});

test("a run is asked to stop soon after its emulator died", async () => {
  const emulator = await start();
  const stop = new Stop();
  const endWatch = emulator.watch(stop);
  process.kill(emulator.pid, "SIGKILL");
  await new Promise((resolve) => stop.requested.addEventListener("abort", resolve));
  endWatch();
  expect(stop.reason).toEqual({ emulator: expect.stringContaining(`process ${emulator.pid}) ended; its log: `) });
  expect(() => stop.throwIfRequested()).toThrow("ended");
});
