import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** Where a local run keeps what it needs; nothing of it lies outside `directory` but the virtual environment. */
export interface LocalPaths {
  /** The project: holds main.ts and emulator/. */
  readonly root: string;
  /** The run's own folder. */
  readonly directory: string;
  /** Python's virtual environment with the emulator's packages; one for all runs of the project. */
  readonly venv: string;
  /** The run's own cdktf.out. */
  readonly outdir: string;
  readonly lock: string;
  readonly logs: string;
  /** Project folder for `cdktf deploy` on the emulator: its output, and beside it the states of that. */
  readonly cdktf: string;
}

/** The folder of this project. */
export const projectRoot = resolve(__dirname, "../..");

/**
 * The paths of a local run in `directory`.
 *
 * @throws Error where `directory` is no folder of its own: a local state beside a real one would be one and the same file,
 * because both are `../../../terraform.<stack>.tfstate` from the stack's folder
 */
export function localPaths(root = projectRoot, directory = join(root, ".local")): LocalPaths {
  const real = realDirectory(directory);
  if (isInside(realDirectory(root), real) || existsSync(join(real, "cdktf.json"))) {
    throw new Error(
      `--directory ${directory}: real deployments keep their state there. Name a folder of its own, such as .local/second.`,
    );
  }
  return {
    root,
    directory: real,
    venv: join(root, ".local", "venv"),
    outdir: join(real, "cdktf.out"),
    lock: join(real, "lock"),
    logs: join(real, "logs"),
    cdktf: join(real, "cdktf"),
  };
}

/** Folders of all stacks below the output folder of a synthesis in which Terraform was initialized. */
export function initializedStacks(outdir: string): string[] {
  const stacks = join(outdir, "stacks");
  return existsSync(stacks)
    ? readdirSync(stacks)
        .map((name) => join(stacks, name))
        .filter((directory) => existsSync(join(directory, ".terraform")))
    : [];
}

/** Whether `path` lies in `directory`, or is it. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The path with every symbolic link on the way followed, as far as it exists. */
function realDirectory(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) {
    return realpathSync(absolute);
  }
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realDirectory(parent), relative(parent, absolute));
}
