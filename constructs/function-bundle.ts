import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { zipSync } from "fflate";

/** The deployment package of a Lambda function. */
export interface FunctionBundle {
  /** A zip archive whose only file is index.js, which exports `handler`. */
  readonly zip: Uint8Array;
  /** Base64 of the archive's SHA-256, as Lambda reports it. */
  readonly sha256: string;
}

const projectRoot = resolve(__dirname, "..");
let bundles: ReadonlyMap<string, FunctionBundle> | undefined;

/**
 * Bundles `functions/<name>/index.ts` with all that it imports into one file. The same sources and dependencies give the same
 * bytes on every machine: paths are relative to the project, the compressor is JavaScript, and the archive's times are fixed.
 * @throws Error of esbuild, naming file and line, where the sources of a function do not compile.
 */
export function bundleFunction(name: string): FunctionBundle {
  // All in one run of the compiler: starting it costs as much as a function.
  bundles ??= bundleFunctions();
  const bundle = bundles.get(name);
  if (!bundle) throw new Error(`functions/${name}/index.ts does not exist`);
  return bundle;
}

function bundleFunctions(): ReadonlyMap<string, FunctionBundle> {
  const names = readdirSync(join(projectRoot, "functions")).filter((name) =>
    existsSync(join(projectRoot, "functions", name, "index.ts")),
  );
  const { outputFiles } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: names.map((name) => ({ in: join("functions", name, "index.ts"), out: name })),
    outdir: "bundles",
    bundle: true,
    platform: "node",
    // nodejs22.x; the local run has Node 20 too.
    target: "node20",
    format: "cjs",
    minify: true,
    keepNames: true,
    legalComments: "none",
    charset: "utf8",
    write: false,
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, contents }) => [basename(path, ".js"), pack(contents)]));
}

function pack(code: Uint8Array): FunctionBundle {
  // The zip format stores local times: these are the same digits in every time zone.
  const zip = zipSync({ "index.js": [code, { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 }] });
  return { zip, sha256: createHash("sha256").update(zip).digest("base64") };
}
