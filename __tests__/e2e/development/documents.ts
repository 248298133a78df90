import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { checkPrerequisites } from "../../../scripts/command/prerequisites";
import { Emulator } from "../../../scripts/local/emulator";
import { projectRoot } from "../../../scripts/local/project";
import { ensureVenv } from "../../../scripts/local/venv";
import { type Block, blocksToRun, commandOf } from "../../support/documented-commands";
import { run } from "../support/command";
import type { LocalRun } from "../support/local-run";
import type { Step } from "../support/story";

/** What a newcomer need not have: where it is absent, its lines end as "command not found". */
const optionalPrograms = ["aws", "psql"];

/** A shell that keeps its variables from one block to the next, as a terminal does. */
class Terminal {
  private environment: NodeJS.ProcessEnv = process.env;

  constructor(private readonly local: LocalRun) {}

  /**
   * Runs a block line by line, each as it is written; both streams, in their order.
   *
   * @throws Error where a line fails, with the line
   */
  async run({ lines }: Pick<Block, "lines">): Promise<string> {
    const variables = join(this.local.folder("terminal"), "environment.json");
    const script = [
      "set -o pipefail",
      ...lines.flatMap((line) => [withoutInstall(line), `expect_success ${quote(line)} $?`]),
      `${quote(process.execPath)} -e 'require("fs").writeFileSync(process.argv[1], JSON.stringify(process.env))' ${quote(variables)}`,
    ].join("\n");
    const { stdout } = await run("bash", ["-c", `${expectSuccess}\nexec 2>&1\n${script}`], {
      cwd: this.local.project,
      env: this.environment,
      timeoutMs: 580_000,
    });
    this.environment = JSON.parse(readFileSync(variables, "utf8")) as NodeJS.ProcessEnv;
    return stdout;
  }

  variable(name: string): string | undefined {
    return this.environment[name];
  }
}

const expectSuccess = `expect_success() {
  if [ "$2" = 127 ]; then
    for program in ${optionalPrograms.join(" ")}; do
      case "$1" in "$program "*) command -v "$program" >/dev/null || return 0;; esac
    done
  fi
  if [ "$2" != 0 ]; then echo "exit code $2 of: $1"; exit 1; fi
}`;

/** The packages of this checkout are linked: `npm ci` is what CI ran before. */
function withoutInstall(line: string): string {
  return line.replace(/^npm ci && /, "");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function has(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}

const blocks = blocksToRun();

/** The only block of a document that has a command. */
function block(document: string, command: string): Block {
  const found = blocks.filter(
    (candidate) =>
      candidate.document === document && candidate.lines.some((line) => withoutInstall(commandOf(line)) === command),
  );
  expect(found).toHaveLength(1);
  return found[0] as Block;
}

/** The project as a newcomer has it after `npm ci`, the terminal in which the documents' commands are run, and which were. */
export class Documents {
  readonly terminal: Terminal;
  private readonly played: Block[] = [];

  /** `local` is a run of a project of its own. */
  constructor(readonly local: LocalRun) {
    this.terminal = new Terminal(local);
  }

  /** Copies what is under version control; packages and virtual environment are linked. */
  async copyProject(): Promise<void> {
    const { project } = this.local;
    const { stdout } = await run("git", ["ls-files", "-z"], { cwd: projectRoot });
    for (const file of stdout.split("\0").filter(Boolean)) {
      cpSync(join(projectRoot, file), join(project, file));
    }
    symlinkSync(join(projectRoot, "node_modules"), join(project, "node_modules"));
    const venv = join(projectRoot, ".local", "venv");
    await ensureVenv({ root: projectRoot, venv, python: checkPrerequisites().python });
    mkdirSync(join(project, ".local"));
    symlinkSync(venv, join(project, ".local", "venv"));
  }

  /** Runs the block of a document that has a command, as it is written. */
  play(document: string, command: string): Promise<string> {
    const chosen = block(document, command);
    this.played.push(chosen);
    return this.terminal.run(chosen);
  }

  get notPlayed(): Block[] {
    return blocks.filter((each) => !this.played.includes(each));
  }

  /** Ends what a step that failed left running, and removes everything. */
  async remove(): Promise<void> {
    for (const directory of [".local", ".local/second"]) {
      await Emulator.end(join(this.local.project, directory));
    }
    await this.local.remove();
  }
}

/** Plays every block that a shell without an account can run, but for the first one. */
export function documentsChapter(step: Step, documents: Documents): void {
  const { terminal, local } = documents;

  step("README: a shell on the emulator, AWS's command line and PostgreSQL's", async () => {
    const output = await documents.play("README.md", "npm run emulator -- status");
    expect(terminal.variable("AWS_ENDPOINT_URL")).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(terminal.variable("AWS_DEFAULT_REGION")).toBe("us-east-1");
    expect(output).toContain("aws_ecs_service skymanuals-development-api");
    expect(output).toMatch(
      /^development stands here in the states of deploy:local\. cdktf and Terraform in this shell/m,
    );
    if (has("aws")) {
      expect(output).toContain('"serviceName": "skymanuals-development-api"');
    }
  });

  step("README: a chunk is recorded, and a message that nobody can read ends in the dead letters", async () => {
    const output = await documents.play("README.md", "npm run verify:custody -- development --local");
    expect(output).toContain("Every link of 1 record in s3://development-skymanuals-audit holds.");
    expect(output).toContain("<Body>poison</Body>");
  });

  step("README: an event goes into the log store, and is found", async () => {
    const output = await documents.play(
      "README.md",
      "logs=$(npm run --silent emulator -- domain skymanuals-development-logs)",
    );
    expect(output).toContain('"result":"created"');
    expect(output).toMatch(/"hits":\[\{.*"message":"hello"/);
  });

  step("README: another value, and its effect", async () => {
    const output = await documents.play("README.md", "npm run deploy:local -- --var api_desired_count=2");
    expect(output).toMatch(/^Nothing is left to change\. development stands after /m);
    if (has("aws")) {
      expect(output).toMatch(/^\[\n\s+2\n\]$/m);
    }
  });

  step("docs/adoption.md: what is run after an environment's file was changed", async () => {
    await documents.play("docs/adoption.md", "npm run synth");
  });

  step("README: cdktf on an emulator of its own", async () => {
    const output = await documents.play("README.md", "npx cdktf deploy skymanuals-account-nonprod --auto-approve");
    expect(output).toMatch(/Resources: 51 added, 0 changed, 0 destroyed/);
    expect(output).toMatch(/Plan: \d+ to add, 0 to change, 0 to destroy/);
    expect(output.match(/made by cdktf deploy, in its own state alone: aws_\S+/g)).toHaveLength(32);
    expect(output).toContain("The emulator is stopped, and its state removed.");
    const second = join(local.directory, "second");
    expect(readdirSync(second)).toEqual([]);
    rmdirSync(second);
  });

  step("every block that a shell without an account can run was run", async () => {
    expect(documents.notPlayed.map(({ lines }) => lines)).toEqual([]);
  });

  step("README names the command that removes everything", async () => {
    expect(readFileSync(join(local.project, "README.md"), "utf8")).toContain("`npm run destroy:local`");
  });
}
