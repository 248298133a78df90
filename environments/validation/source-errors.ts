import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { formatProblems, type Problem } from "./problems";

/**
 * The problem that a source file has which cannot be read as TypeScript, from the error of the program that compiles it
 * (esbuild, within tsx); undefined for any other error.
 */
export function sourceProblem(error: unknown, folder = process.cwd()): Problem | undefined {
  if (!(error instanceof Error) || error.name !== "TransformError") {
    return undefined;
  }
  const [, file, line = "", column = "", text] = /\n(.+):(\d+):(\d+): ERROR: (.+)/.exec(error.message) ?? [];
  if (file === undefined || text === undefined) {
    return undefined;
  }
  const found = readFileSync(file, "utf8").split("\n")[Number(line) - 1]?.trim();
  return {
    source: relative(folder, file),
    path: `line ${line}, column ${Number(column) + 1}`,
    value: found,
    allowed: `TypeScript: ${text}`,
    fix: "correct this line, or the one before it",
  };
}

/** Node.js would print the line of the compiler, thousands of characters long, that found the error. */
export function reportSourceErrors(): void {
  process.on("uncaughtException", (error) => {
    const problem = sourceProblem(error);
    console.error(problem ? formatProblems([problem]) : error);
    process.exit(1);
  });
}

// Of the program that is run, whose other imports are loaded after this one; a test imports programs.
if (require.main?.children.includes(module)) {
  reportSourceErrors();
}
