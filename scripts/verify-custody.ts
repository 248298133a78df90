import "../environments/validation/source-errors";

import { S3Client } from "@aws-sdk/client-s3";
import { findEnvironment, loadEnvironments } from "../environments";
import type { Problem } from "../environments/validation/problems";
import {
  argumentProblem,
  directoryOption,
  environmentArgument,
  jsonOption,
  type ParsedArguments,
} from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { formatCustodyReport } from "./custody/report";
import { verifyBucket } from "./custody/verify-bucket";
import { Emulator } from "./local/emulator";
import { localPaths } from "./local/project";

const audited = environmentArgument({ optional: true });

export const command = defineCommand({
  arguments: {
    name: "verify:custody",
    description: `Reads the chain of custody of an environment's audit bucket from its first record, and names the first broken link. It asks
AWS with the credentials of this shell, or whatever AWS_ENDPOINT_URL names.`,
    positionals: [audited],
    options: {
      bucket: {
        type: "string",
        placeholder: "NAME",
        description: "an audit bucket by its name, in place of the environment",
        check: (value) =>
          /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value)
            ? undefined
            : { allowed: "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens" },
      },
      objects: {
        type: "boolean",
        description: "read every recorded version of a chunk again, and compare its SHA-256",
      },
      local: { type: "boolean", description: "ask the emulator of the local run instead" },
      directory: {
        ...directoryOption.directory,
        description: "folder of that emulator (default .local); implies --local",
      },
      ...jsonOption,
    },
    notes: "Exit code: 0 every link holds, 1 one is broken or the bucket cannot be read, 2 wrong arguments.",
    check: eitherEnvironmentOrBucket,
  },

  run: async ({ positionals: { environment }, options, progress }) => {
    const { bucket, region } = findBucket(environment, options.bucket);
    const local = options.local || options.directory !== undefined;
    const s3 = new S3Client({
      region,
      ...(local ? (await Emulator.running(localPaths(undefined, options.directory).directory)).clientConfig : {}),
    });
    const report = await progress.step(
      `Verify s3://${bucket}`,
      (step) =>
        verifyBucket(s3, bucket, { objects: options.objects, onRead: (count) => step.update(`${count} records`) }),
      ({ records, ok }) => `Verify s3://${bucket}: ${records} records${ok ? "" : ", then a broken link"}`,
    );
    console.log(options.json ? JSON.stringify(report, null, 2) : formatCustodyReport(report));
    return report.ok;
  },
});

function eitherEnvironmentOrBucket({ positionals: { environment }, options: { bucket } }: ParsedArguments): Problem[] {
  if (environment === undefined && bucket === undefined) {
    return [argumentProblem("environment", undefined, { allowed: audited.allowed(), fix: "or name a --bucket" })];
  }
  return environment !== undefined && bucket !== undefined
    ? [argumentProblem("--bucket", bucket, { allowed: `no bucket beside the environment ${environment}` })]
    : [];
}

/** The audit bucket of an environment, or a bucket by its name; that of no environment lies in AWS_REGION or us-east-1. */
function findBucket(name: string | undefined, bucket = ""): { bucket: string; region: string } {
  const { environments } = loadEnvironments();
  const environment =
    name === undefined
      ? environments.find(({ audit }) => audit.bucket === bucket)
      : findEnvironment(name, environments);
  return environment
    ? { bucket: environment.audit.bucket, region: environment.region }
    : { bucket, region: process.env.AWS_REGION ?? "us-east-1" };
}

runScript(module, command);
