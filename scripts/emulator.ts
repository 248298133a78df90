import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { loadEnvironments } from "../environments";
import { directoryOption, parseCommandLine, parsePort, runCommand, runMain, type Session } from "./command/command";
import { Emulator } from "./local/emulator";
import { discardAll, ensureEmulator, findTarget, withLock } from "./local/session";
import { awsVariables, exportLines } from "./terraform/environment-variables";

const usage = `Usage: npm run emulator -- <command> [options]

  start [environment]  start the AWS emulator as the account of an environment (default: development)
  stop                 end it, with everything in it
  status               what runs, and what exists in it; exit code 1 where none runs
  env                  lines for eval that point AWS clients, Terraform and cdktf at it:
                         eval "$(npm run --silent emulator -- env)"
                       cdktf then keeps its output and states in a folder of the emulator, not in those of real
                       deployments; open a new shell to leave

  secret NAME          the value of a secret, such as skymanuals-development/database-url

  --port N             port on 127.0.0.1 (default 4780; 0: any that is free)
  --directory DIR      folder of the emulator and its states (default .local)
  --help`;

const options = {
  ...directoryOption,
  port: { type: "string" },
  verbose: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options, usage, 2);
  const [command = "", argument] = positionals;
  const commands: Record<string, (session: Session) => Promise<boolean>> = {
    start: (session) => start(session, argument ?? "development", parsePort(values.port)),
    stop,
    status,
    env: printEnvironment,
    secret: (session) => printSecret(session, argument),
  };
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (values.help || !run) {
    (values.help ? console.log : console.error)(usage);
    return values.help ? 0 : 1;
  }
  return runCommand(
    { ...values, onStopped: (_session, { ...reason }) => `Stopped by ${Object.values(reason)[0]}.` },
    run,
  );
}

async function start(session: Session, environment: string, port: number | undefined): Promise<boolean> {
  const { environment: found, hostedZones } = findTarget(environment);
  const { emulator, reused } = await withLock(session, "emulator start", () =>
    ensureEmulator(session, { accountId: found.accountId, hostedZones, port }),
  );
  console.log(
    `${reused ? "Runs already" : "Runs"} on ${emulator.url}: process ${emulator.pid}, account ${emulator.accountId}`,
  );
  return true;
}

async function stop(session: Session): Promise<boolean> {
  const { directory } = session.paths;
  const ran = await withLock(session, "emulator stop", async () => {
    const running = await Emulator.find(directory);
    await discardAll(session.paths);
    return running !== undefined;
  });
  console.log(ran ? "Stopped; everything in it is gone." : "None ran.");
  return true;
}

async function status({ paths }: Session): Promise<boolean> {
  const emulator = await Emulator.find(paths.directory);
  if (!emulator) {
    console.log(
      Emulator.wasStarted(paths.directory)
        ? `The emulator that was started in ${paths.directory} is gone.`
        : `No emulator runs in ${paths.directory}.`,
    );
    return false;
  }
  const [inventory, summary] = await Promise.all([emulator.inventory(), emulator.summary()]);
  console.log(`Runs on ${emulator.url}: process ${emulator.pid}, account ${emulator.accountId}, log ${emulator.log}`);
  console.log(`${summary.requests} requests, ${inventory.length} objects exist`);
  for (const { type, name, id } of inventory) {
    console.log(`  ${type} ${name}${name === id ? "" : ` (${id})`}`);
  }
  return true;
}

async function printEnvironment({ paths, progress }: Session): Promise<boolean> {
  const emulator = await Emulator.find(paths.directory);
  if (!emulator) {
    progress.note("No emulator runs. Start one: npm run emulator -- start");
    return false;
  }
  const output = join(paths.cdktf, "cdktf.out");
  // cdktf makes the last folder of the path only.
  mkdirSync(paths.cdktf, { recursive: true });
  console.log(
    exportLines(process.env, {
      ...awsVariables(emulator.url),
      ...regionOf(emulator),
      // psql trusts the database's certificate by it.
      PGSSLROOTCERT: emulator.authority,
      CDKTF_OUTPUT: output,
      CDKTF_SKIP_PROVIDER_LOCK: "true",
      CHECKPOINT_DISABLE: "1",
    }),
  );
  return true;
}

async function printSecret({ paths, progress }: Session, name: string | undefined): Promise<boolean> {
  const emulator = await Emulator.find(paths.directory);
  if (!emulator || name === undefined) {
    progress.note(
      emulator
        ? "Which secret? npm run emulator -- status lists them."
        : "No emulator runs. Start one: npm run emulator -- start",
    );
    return false;
  }
  const client = new SecretsManagerClient({
    ...emulator.clientConfig,
    region: regionOf(emulator).AWS_REGION ?? "us-east-1",
  });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
  console.log(SecretString);
  return true;
}

/** AWS clients ask for a region; Terraform has its own in the configuration. */
function regionOf({ accountId }: Emulator): Record<string, string> {
  const environment = loadEnvironments().environments.find((candidate) => candidate.accountId === accountId);
  return environment ? { AWS_REGION: environment.region } : {};
}

// On Node.js 20 AWS's SDK writes a warning about its own later versions.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
runMain(main);
