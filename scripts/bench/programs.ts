import { join } from "node:path";
import { writeBareProgram } from "./bare-program";
import type { Program } from "./measure";
import { configurationDifferences, readStacks } from "./synthesized";

/** How many environments `many-environments.ts` is run with. */
export const environmentCounts = [1, 10, 50] as const;

/** The programs of a bench and where they lie. All are started by Node itself: no shell, no npx. */
export class Programs {
  /** What `npm run synth` runs. */
  readonly application: Program;
  /** The same resources with no constructs of ours. */
  readonly bare: Program;
  readonly environments: readonly { readonly count: number; readonly program: Program }[];

  /**
   * @param root the project's folder
   * @param directory where generated programs and outputs go
   */
  constructor(
    private readonly root: string,
    directory: string,
  ) {
    const program = (name: string, folder: string, args: readonly string[]): Program => ({
      name,
      directory: folder,
      arguments: ["--require", ...args],
      outdir: join(directory, "out", name.replaceAll(" ", "-")),
    });
    this.application = program("application", root, ["tsx/cjs", "main.ts"]);
    this.bare = program("bare program", join(directory, "bare"), ["tsx/cjs", "main.ts"]);
    const many = join(__dirname, "many-environments.ts");
    this.environments = environmentCounts.map((count) => ({
      count,
      program: program(`${count} environments`, root, ["tsx/cjs", many, String(count)]),
    }));
  }

  /** In the order of a round. */
  all(): Program[] {
    return [this.application, this.bare, ...this.environments.map(({ program }) => program)];
  }

  /** Generates what is generated, the bare program from the output of the application, which must have run. */
  write(): void {
    writeBareProgram(this.root, this.bare.directory, readStacks(this.application.outdir));
  }

  /**
   * Why the latest outputs cannot be compared; empty if they can. The bare program must give the same configuration: no
   * difference is accepted but the metadata under "//", which holds construct paths.
   */
  differences(): string[] {
    return configurationDifferences(this.bare.outdir, this.application.outdir).map(
      (text) => `${this.bare.name}: ${text}`,
    );
  }
}
