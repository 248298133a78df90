import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isRunning, type ProcessReference, processReference } from "../command/process";

/** Who works in a local run's folder. */
export interface LockRecord {
  readonly process: ProcessReference;
  /** Such as `deploy:local development`. */
  readonly command: string;
  /** The child process at work, a leader of its process group: it may survive the run. */
  readonly child?: ProcessReference & { readonly name: string };
}

/** Another run is at work in the same folder. */
export class Locked extends Error {
  constructor(
    readonly holder: LockRecord,
    lockFile: string,
  ) {
    super(
      `another run is at work: ${holder.command}, process ${holder.process.pid} (lock: ${lockFile}). ` +
        `Wait for it to end, or end it: kill ${holder.process.pid}`,
    );
  }
}

/** The exclusive right to a local run's folder, held by this process until `release`. */
export class Lock {
  private child: LockRecord["child"];

  private constructor(
    private readonly file: string,
    private readonly process: ProcessReference,
    private readonly command: string,
    /** The record of a run that died with the lock; the caller ends its child. */
    readonly leftBehind: LockRecord | undefined,
  ) {}

  /**
   * Takes the lock, that of a dead process too.
   *
   * @throws Locked where another living process holds it
   */
  static acquire(file: string, command: string): Lock {
    mkdirSync(dirname(file), { recursive: true });
    const self = processReference(process.pid) ?? { pid: process.pid, identity: "" };
    const own = `${file}.${process.pid}`;
    writeFileSync(own, serialize({ process: self, command }));
    let leftBehind: LockRecord | undefined;
    try {
      // A link appears with its content or not at all, and never replaces another.
      while (!tryLink(own, file)) {
        const content = readText(file);
        const holder = parse(content);
        if (holder && isRunning(holder.process)) {
          throw new Locked(holder, file);
        }
        leftBehind = holder ?? leftBehind;
        removeIfUnchanged(file, content);
      }
    } finally {
      rmSync(own, { force: true });
    }
    return new Lock(file, self, command, leftBehind);
  }

  /** Records the child at work, so that a next run can end it if this one dies; undefined once it has ended. */
  setChild(pid: number | undefined, name = ""): void {
    const reference = pid === undefined ? undefined : processReference(pid);
    this.child = reference && { ...reference, name };
    const own = `${this.file}.${process.pid}`;
    writeFileSync(own, serialize({ process: this.process, command: this.command, child: this.child }));
    renameSync(own, this.file);
  }

  release(): void {
    rmSync(this.file, { force: true });
  }
}

function serialize(record: LockRecord): string {
  return `${JSON.stringify(record)}\n`;
}

function parse(content: string | undefined): LockRecord | undefined {
  try {
    return content === undefined ? undefined : (JSON.parse(content) as LockRecord);
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** Removes a dead run's lock, but not the one that another run may have put in its place meanwhile. */
function removeIfUnchanged(file: string, content: string | undefined): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return; // gone already
  }
  if (readText(aside) !== content) {
    tryLink(aside, file);
  }
  rmSync(aside, { force: true });
}
