import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
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
const bundles = new Map<string, FunctionBundle>();

/**
 * Bundles `functions/<name>/index.ts` with all that it imports into one file. The same sources and dependencies give the same
 * bytes on every machine: paths are relative to the project, the compressor is JavaScript, and the archive's times are fixed.
 * @throws Error of esbuild, naming file and line, where the sources do not compile.
 */
export function bundleFunction(name: string): FunctionBundle {
  const known = bundles.get(name);
  if (known) return known;
  const { outputFiles } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [join("functions", name, "index.ts")],
    outfile: "index.js",
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
  const code = outputFiles[0]?.contents;
  if (!code) throw new Error(`functions/${name}/index.ts: esbuild wrote nothing`);
  // The zip format stores local times: these are the same digits in every time zone.
  const zip = zipSync({ "index.js": [code, { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 }] });
  const bundle = { zip, sha256: createHash("sha256").update(zip).digest("base64") };
  bundles.set(name, bundle);
  return bundle;
}
