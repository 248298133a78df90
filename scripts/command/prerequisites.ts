import { spawnSync } from "node:child_process";

/** A program that a command needs. */
export interface Prerequisite {
  readonly name: string;
  /** Lowest version that will do, such as `1.11`. */
  readonly minimum: string;
  /** What was found: a version, or why there is none. */
  readonly found: string;
  readonly satisfied: boolean;
  readonly howToGet: string;
}

export interface Prerequisites {
  readonly all: readonly Prerequisite[];
  /** A Python that satisfies the requirement; empty where there is none. */
  readonly python: string;
}

/** Everything that is missing or too old; the message has one line for each. */
export class MissingPrerequisites extends Error {
  constructor(readonly missing: readonly Prerequisite[]) {
    super(
      [
        missing.length === 1 ? "A prerequisite is missing:" : `${missing.length} prerequisites are missing:`,
        ...missing.map(
          ({ name, minimum, found, howToGet }) => `  ${name} >= ${minimum} (found: ${found}). ${howToGet}`,
        ),
      ].join("\n"),
    );
  }
}

const howToGet = {
  node: "nodejs.org; macOS: brew install node; Debian, Ubuntu and Fedora: the distribution's nodejs, or nvm install 24",
  terraform:
    "developer.hashicorp.com/terraform/install; macOS: brew install hashicorp/tap/terraform; Linux: HashiCorp's apt or yum repository",
  python:
    "python.org; macOS: brew install python; Debian and Ubuntu: apt install python3 python3-venv; Fedora: dnf install python3",
};

const minimum = { node: "20", terraform: "1.11", python: "3.10" };

/** Runs a program and returns what it prints, or undefined where it cannot be run or fails. */
export type Probe = (program: string, args: readonly string[]) => string | undefined;

const probeProgram: Probe = (program, args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.trim() : undefined;
};

/** Looks for Node, Terraform, and a Python that can create virtual environments. Changes nothing. */
export function findPrerequisites(probe: Probe = probeProgram, nodeVersion = process.versions.node): Prerequisites {
  const python = findPython(probe);
  return {
    all: [
      prerequisite("Node.js", minimum.node, nodeVersion, howToGet.node),
      prerequisite("Terraform", minimum.terraform, terraformVersion(probe), howToGet.terraform),
      { ...prerequisite("Python with venv", minimum.python, python.version, howToGet.python), ...python.problem },
    ],
    python: python.program,
  };
}

/**
 * As findPrerequisites.
 *
 * @throws MissingPrerequisites with all that is missing
 */
export function checkPrerequisites(probe?: Probe, nodeVersion?: string): Prerequisites {
  const found = findPrerequisites(probe, nodeVersion);
  const missing = found.all.filter(({ satisfied }) => !satisfied);
  if (missing.length > 0) {
    throw new MissingPrerequisites(missing);
  }
  return found;
}

function prerequisite(name: string, minimum: string, version: string | undefined, howToGet: string): Prerequisite {
  return {
    name,
    minimum,
    found: version ?? "none",
    satisfied: version !== undefined && isAtLeast(version, minimum),
    howToGet,
  };
}

/** Compares dotted versions by number; a pre-release of the minimum itself does not satisfy it. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [release = "", preRelease] = version.split("-", 2);
  const have = release.split(".").map(Number);
  const want = minimum.split(".").map(Number);
  for (let index = 0; index < Math.max(have.length, want.length); index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return preRelease === undefined;
}

function terraformVersion(probe: Probe): string | undefined {
  const output = probe("terraform", ["version", "-json"]);
  try {
    return output && (JSON.parse(output) as { terraform_version: string }).terraform_version;
  } catch {
    return undefined;
  }
}

const pythonPrograms = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

// Debian ships venv without ensurepip, which it needs.
const pythonProbe = `
import importlib.util, platform
print(platform.python_version())
print(all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")))
`;

interface FoundPython {
  readonly program: string;
  readonly version: string | undefined;
  readonly problem: Partial<Prerequisite>;
}

function findPython(probe: Probe): FoundPython {
  let best: FoundPython = { program: "", version: undefined, problem: {} };
  for (const program of pythonPrograms) {
    const [version, complete] = probe(program, ["-c", pythonProbe])?.split("\n") ?? [];
    if (version === undefined) {
      continue;
    }
    if (isAtLeast(version.replace(/[a-z+].*$/, ""), minimum.python)) {
      if (complete?.trim() === "True") {
        return { program, version, problem: {} };
      }
      best = { program: "", version, problem: { found: `${version} without venv`, satisfied: false } };
    } else if (best.version === undefined) {
      best = { program: "", version, problem: {} };
    }
  }
  return best;
}
