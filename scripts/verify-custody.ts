import { S3Client } from "@aws-sdk/client-s3";
import { findEnvironment, loadEnvironments } from "../environments";
import { environmentStack } from "../facts/names";
import { directoryOption, parseCommandLine, UsageError } from "./command/command";
import { Progress } from "./command/progress";
import { formatCustodyReport } from "./custody/report";
import { verifyBucket } from "./custody/verify-bucket";
import { Emulator } from "./local/emulator";
import { localPaths } from "./local/project";

const usage = `Usage: npm run verify:custody -- <environment | bucket> [options]

Reads the chain of custody of an audit bucket from its first record, and names the first broken link. It asks AWS with
the credentials of this shell, or whatever AWS_ENDPOINT_URL names.

  --objects          read every recorded version of a chunk again, and compare its SHA-256
  --local            ask the emulator of the local run instead
  --directory DIR    folder of that emulator (default .local); implies --local
  --json             one JSON document on stdout
  --help

Exit code: 0 every link holds, 1 one is broken or the bucket cannot be read, 2 wrong arguments.`;

const options = {
  ...directoryOption,
  objects: { type: "boolean", default: false },
  local: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options, usage);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [name] = positionals;
  if (name === undefined) throw new UsageError(`name an environment or a bucket\n\n${usage}`);
  const { bucket, region } = findBucket(name);
  const local = values.local || values.directory !== undefined;
  const s3 = new S3Client({ region, ...(local ? await emulatorClient(values.directory) : {}) });

  const report = await new Progress().step(
    `Verify s3://${bucket}`,
    (step) =>
      verifyBucket(s3, bucket, {
        objects: values.objects,
        onRead: (count) => step.update(`${count} records`),
      }),
    ({ records, ok }) => `Verify s3://${bucket}: ${records} records${ok ? "" : ", then a broken link"}`,
  );
  console.log(values.json ? JSON.stringify(report, null, 2) : formatCustodyReport(report));
  return report.ok ? 0 : 1;
}

/** The audit bucket of an environment; any other name is a bucket's. @throws InvalidInput where the environments have problems. */
function findBucket(name: string): { bucket: string; region: string | undefined } {
  const { environments } = loadEnvironments();
  const environment =
    environments.find((candidate) => name === candidate.audit.bucket) ??
    (/^[a-z0-9][a-z0-9-]{2,62}$/.test(name) &&
    !environments.some((e) => [e.name, environmentStack(e.name)].includes(name))
      ? undefined
      : findEnvironment(name, environments));
  return environment
    ? { bucket: environment.audit.bucket, region: environment.region }
    : { bucket: name, region: process.env.AWS_REGION ?? "us-east-1" };
}

async function emulatorClient(directory: string | undefined) {
  const paths = localPaths(undefined, directory);
  const emulator = await Emulator.find(paths.directory);
  if (!emulator) throw new Error(`no emulator runs in ${paths.directory}. Start one: npm run deploy:local`);
  return emulator.clientConfig;
}

// On Node.js 20 the SDK writes a warning about its own later versions.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: Error) => {
    const { name, message } = error;
    console.error(name === "Error" || message.includes(name) ? message : `${name}: ${message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
