import { readFileSync } from "node:fs";
import { InvalidInput, type Problem } from "../../environments/validation/problems";

/** One object that Terraform manages in a state: a resource instance. */
export interface StateObject {
  /** As `terraform state list` prints it: `module.net.aws_subnet.private[0]`. */
  readonly address: string;
  /** `module.net.`, or empty in the root module. */
  readonly module: string;
  readonly type: string;
  readonly label: string;
  readonly key: number | string | undefined;
  /** Attributes as the state holds them. Secrets are among them. */
  readonly values: Values;
}

export type Values = Readonly<Record<string, unknown>>;

/** The address of the whole resource, without an instance's key. */
export function resourceAddress({ module, type, label }: Pick<StateObject, "module" | "type" | "label">): string {
  return `${module}${type}.${label}`;
}

/** `[0]`, `["blue"]`, or nothing. */
export function keySuffix(key: number | string | undefined): string {
  return key === undefined ? "" : `[${JSON.stringify(key)}]`;
}

interface StateFile {
  readonly version?: unknown;
  readonly terraform_version?: unknown;
  readonly serial?: unknown;
  readonly lineage?: unknown;
  readonly resources?: readonly {
    readonly module?: string;
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly instances?: readonly {
      readonly index_key?: number | string;
      readonly deposed?: string;
      readonly attributes?: Values;
    }[];
  }[];
  readonly format_version?: unknown;
}

const pull = "run `terraform state pull > FILE` in the folder of the existing root module and name that file";

/**
 * The managed objects of a state file, format version 4 (Terraform 0.12 and later). Only reads it.
 * @param installed version of the Terraform that will read it, such as `1.11.4`
 * @throws InvalidInput where it is no state file, or one that the installed Terraform is too old for
 */
export function readStateFile(path: string, installed: string): StateObject[] {
  const state = parseStateFile(path);
  const refuse = (field: string, value: unknown, allowed: string, fix: string): never => {
    throw new InvalidInput([{ source: path, path: field, value, allowed, fix }]);
  };
  if (state.format_version !== undefined) {
    refuse("format_version", state.format_version, "a state file, not the output of terraform show -json", pull);
  }
  if (typeof state.lineage !== "string" || !Array.isArray(state.resources)) {
    refuse("lineage", state.lineage, "a Terraform state file: version, lineage, resources", pull);
  }
  if (state.version !== 4) {
    const newer = typeof state.version === "number" && state.version > 4;
    refuse(
      "version",
      state.version,
      "state format version 4",
      newer
        ? "install a Terraform that knows it"
        : "run `terraform apply -refresh-only` with Terraform 1.x in the existing root",
    );
  }
  const writtenBy = String(state.terraform_version);
  if (isNewer(writtenBy, installed)) {
    refuse(
      "terraform_version",
      writtenBy,
      `written by Terraform ${installed} (installed here) or older`,
      `install Terraform ${writtenBy} or newer: https://developer.hashicorp.com/terraform/install`,
    );
  }
  return (state.resources ?? []).flatMap((resource) =>
    resource.mode !== "managed"
      ? []
      : (resource.instances ?? [])
          .filter(({ deposed }) => deposed === undefined)
          .map(({ index_key: key, attributes }) => {
            const module = resource.module ? `${resource.module}.` : "";
            const { type, name: label } = resource;
            const address = `${resourceAddress({ module, type, label })}${keySuffix(key)}`;
            return { address, module, type, label, key, values: attributes ?? {} };
          }),
  );
}

function parseStateFile(path: string): StateFile {
  const problem = (value: unknown, allowed: string, fix: string): Problem => ({
    source: "command line",
    path: "--state",
    value,
    allowed,
    fix,
  });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new InvalidInput([problem(path, "a file that can be read", `${(error as Error).message}; ${pull}`)]);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) {
      return parsed as StateFile;
    }
  } catch {
    // falls through to the refusal
  }
  throw new InvalidInput([problem(path, "a Terraform state file, which is a JSON object", pull)]);
}

/** Compares major and minor version: a patch release reads what its successors write. */
function isNewer(version: string, installed: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [installedMajor = 0, installedMinor = 0] = installed.split(".").map(Number);
  return major > installedMajor || (major === installedMajor && minor > installedMinor);
}
