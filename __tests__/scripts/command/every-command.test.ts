import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { environments } from "../../../environments";
import type { Command } from "../../../scripts/command/command";

const root = resolve(__dirname, "../../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** Every npm script that runs a file of scripts/, and so takes arguments. */
const commands = Object.entries(scripts).flatMap(([name, line]): [string, Command][] => {
  const [, file] = /\b(scripts\/[\w-]+)\.ts$/.exec(line) ?? [];
  return file ? [[name, (require(join(root, file)) as { readonly command: Command }).command]] : [];
});

const names = environments.map(({ name }) => name).join(", ");

async function run(command: Command, ...args: string[]) {
  const text = { stdout: "", stderr: "" };
  const log = jest.spyOn(console, "log").mockImplementation((line) => {
    text.stdout += `${line}\n`;
  });
  const error = jest.spyOn(console, "error").mockImplementation((line) => {
    text.stderr += `${line}\n`;
  });
  try {
    return { exitCode: await command.main(args), ...text };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}

/** Arguments that are in order, so that only what is added to them is wrong. */
const inOrder: Readonly<Record<string, readonly string[]>> = {
  adopt: ["production", "--state", "x.tfstate"],
  checkov: ["development"],
  compliance: ["development"],
  dashboard: ["development"],
  preflight: ["development"],
  release: ["development", "1.0.0"],
  rollout: ["development"],
  runbook: ["development"],
  "verify:custody": ["development"],
  emulator: ["status"],
};

test("these are all the commands, each under its own name", () => {
  expect(commands.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      "adopt",
      "bench",
      "deploy:local",
      "destroy:local",
      "emulator",
      "recovery:drill",
      "release",
      "rollout",
      "verify:custody",
    ]),
  );
  expect(commands.map(([, command]) => command.arguments.name)).toEqual(commands.map(([name]) => name));
});

describe.each(commands)("%s", (name, command) => {
  const usage = `Usage: npm run ${name} -- `;
  const required = inOrder[name] ?? [];
  const takesEnvironment = command.arguments.positionals.some((positional) => positional.name === "environment");

  test("--help says how it is called, whatever else is given", async () => {
    for (const args of [["--help"], ["--nonsense", "--help"]]) {
      const { exitCode, stdout, stderr } = await run(command, ...args);
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout.startsWith(usage)).toBe(true);
      for (const option of [...Object.keys(command.arguments.options), "verbose", "help"]) {
        expect(stdout).toContain(`--${option}`);
      }
    }
  });

  test("its environment comes by its place, not as an option", () => {
    expect(Object.keys(command.arguments.options)).not.toContain("environment");
  });

  test("an unknown option is named with those that exist, before the usage", async () => {
    const { exitCode, stdout, stderr } = await run(command, ...required, "--halp", "--nonsense", "4");
    expect([exitCode, stdout]).toEqual([2, ""]);
    const known = [...Object.keys(command.arguments.options), "verbose", "help"].map((option) => `--${option}`);
    expect(stderr.split("\n").slice(0, 4)).toEqual([
      `option "--halp" is not allowed; allowed: ${known.join(", ")}; did you mean "--help"?`,
      `option "--nonsense" is not allowed; allowed: ${known.join(", ")}`,
      "",
      expect.stringMatching(new RegExp(`^${usage}`)),
    ]);
  });

  test("a surplus argument and a value for a switch are refused together", async () => {
    const surplus = command.arguments.positionals.map(() => "development");
    const { exitCode, stderr } = await run(command, ...surplus, "surplus", "--verbose=yes");
    expect(exitCode).toBe(2);
    expect(stderr).toContain('argument "surplus" is not allowed; allowed: ');
    expect(stderr).toContain('--verbose "yes" is not allowed; allowed: --verbose without a value\n');
  });

  if (takesEnvironment) {
    test("an unknown environment is named with those that exist, before the usage", async () => {
      const [, ...others] = required;
      const { exitCode, stdout, stderr } = await run(command, "developmnt", ...others);
      expect([exitCode, stdout]).toEqual([2, ""]);
      expect(stderr.split("\n").slice(0, 3)).toEqual([
        `environment "developmnt" is not allowed; allowed: ${names}; did you mean "development"?`,
        "",
        expect.stringMatching(new RegExp(`^${usage}`)),
      ]);
    });
  }
});

describe("what a command says first, and its exit code", () => {
  const find = (name: string) => (commands.find(([candidate]) => candidate === name) as [string, Command])[1];

  test.each([
    ["release", ["development"], "tag is missing; allowed: a tag such as 1.0.0, or sha256:<digest>"],
    ["release", [], `environment is missing; allowed: ${names}`],
    ["release", ["development", "latest"], 'tag "latest" is not allowed; allowed: a tag other than latest'],
    ["verify:custody", [], `environment is missing; allowed: ${names}; or name a --bucket`],
    ["verify:custody", ["nope"], `environment "nope" is not allowed; allowed: ${names}; name one of these`],
    ["verify:custody", ["development", "--bucket", "abc"], '--bucket "abc" is not allowed; allowed: no bucket beside'],
    ["emulator", ["bogus"], 'command "bogus" is not allowed; allowed: start, stop, status, env, secret, domain'],
    [
      "emulator",
      ["stauts"],
      'command "stauts" is not allowed; allowed: start, stop, status, env, secret, domain; did you mean',
    ],
    ["emulator", [], "command is missing; allowed: start, stop, status, env, secret, domain"],
    ["emulator", ["start", "nope"], `environment "nope" is not allowed; allowed: ${names}`],
    ["emulator", ["secret"], "secret is missing; allowed: the name of a secret"],
    ["emulator", ["domain"], "domain is missing; allowed: the name of an Elasticsearch domain"],
    ["emulator", ["stop", "now"], 'argument "now" is not allowed; allowed: stop alone'],
    ["deploy:local", ["--port", "70000"], '--port "70000" is not allowed; allowed: a whole number, 1 to 65535'],
    ["deploy:local", ["--var", "x"], '--var "x" is not allowed; allowed: name=value'],
    ["deploy:local", ["--directory", "--json"], "the value of --directory is missing; allowed: --directory DIR"],
    ["adopt", [], "--state is missing; allowed: --state FILE"],
    ["bench", ["--runs", "0"], '--runs "0" is not allowed; allowed: a whole number from 1 to 1000'],
  ])("%s %j", async (name, args, line) => {
    const { exitCode, stderr } = await run(find(name), ...args);
    expect(stderr.split("\n")[0]?.slice(0, line.length)).toBe(line);
    expect(exitCode).toBe(2);
  });
});

test("npm passes the exit code on, and the line comes first on stderr", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "release", "--", "development"], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^tag is missing; allowed: /);
});
