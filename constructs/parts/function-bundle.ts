import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { buildSync } from "esbuild";
import { zipSync } from "fflate";
import { functionNodeMajor } from "../../facts/function-runtime";

/** The deployment package of a Lambda function. */
export interface FunctionBundle {
  /** A zip archive whose only file is index.js, which exports `handler`. */
  readonly zip: Uint8Array;
  /** Base64 of the archive's SHA-256, as Lambda reports it. */
  readonly sha256: string;
}

const projectRoot = resolve(__dirname, "../..");
let bundles: ReadonlyMap<string, FunctionBundle> | undefined;

/**
 * Where bundles are kept from one synthesis to the next: `npm ci` removes it with the dependencies that they were made of.
 */
const cache = join(projectRoot, "node_modules", ".cache", "skymanuals-functions");

/**
 * Bundles `functions/<name>/index.ts` with all that it imports into one file. The same sources and dependencies give the same
 * bytes on every machine: paths are relative to the project, the compressor is JavaScript, and the archive's times are fixed.
 * @throws Error of esbuild, naming file and line, where the sources of a function do not compile
 */
export function bundleFunction(name: string): FunctionBundle {
  // All in one run of the compiler: starting it costs as much as a function.
  bundles ??= bundleFunctions();
  const bundle = bundles.get(name);
  if (!bundle) {
    throw new Error(`functions/${name}/index.ts does not exist`);
  }
  return bundle;
}

function bundleFunctions(): ReadonlyMap<string, FunctionBundle> {
  const names = readdirSync(join(projectRoot, "functions")).filter((name) =>
    existsSync(join(projectRoot, "functions", name, "index.ts")),
  );
  const folder = join(cache, digestOfInputs());
  const file = (name: string) => join(folder, `${name}.zip`);
  if (names.every((name) => existsSync(file(name)))) {
    return new Map(names.map((name) => [name, bundleOf(readFileSync(file(name)))]));
  }
  const archives = compile(names);
  keep(archives, folder);
  return new Map(archives.map(([name, zip]) => [name, bundleOf(zip)]));
}

/** Of all that the bundles are made of: the sources, the locked versions of what they import and of the compiler, and this file. */
function digestOfInputs(): string {
  const sources = ["facts", "functions", "kibana", "logstash/templates"].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|json|ndjson)$/.test(file))
      .map((file) => join(folder, file))
      .sort(),
  );
  const hash = createHash("sha256");
  for (const file of [...sources, "package-lock.json", relative(projectRoot, __filename)]) {
    const content = readFileSync(resolve(projectRoot, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

function compile(names: readonly string[]): (readonly [name: string, zip: Uint8Array])[] {
  const { outputFiles } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: names.map((name) => ({ in: join("functions", name, "index.ts"), out: name })),
    outdir: "bundles",
    bundle: true,
    loader: { ".ndjson": "text" },
    platform: "node",
    target: `node${functionNodeMajor}`,
    format: "cjs",
    minify: true,
    keepNames: true,
    legalComments: "none",
    charset: "utf8",
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ path, contents }) => [basename(path, ".js"), pack(contents)] as const);
}

/** Two at once each write a folder of their own, of the same content. Where nothing can be written, the next run compiles again. */
function keep(archives: readonly (readonly [name: string, zip: Uint8Array])[], folder: string): void {
  const own = `${folder}.${process.pid}`;
  try {
    mkdirSync(own, { recursive: true });
    for (const [name, zip] of archives) {
      writeFileSync(join(own, `${name}.zip`), zip);
    }
    renameSync(own, folder);
  } catch {
    rmSync(own, { recursive: true, force: true });
  }
}

function pack(code: Uint8Array): Uint8Array {
  // The zip format stores local times: these are the same digits in every time zone.
  return zipSync({ "index.js": [code, { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 }] });
}

function bundleOf(zip: Uint8Array): FunctionBundle {
  return { zip, sha256: createHash("sha256").update(zip).digest("base64") };
}
