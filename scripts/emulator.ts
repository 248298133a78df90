import "../environments/validation/source-errors";

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DescribeElasticsearchDomainCommand, ElasticsearchServiceClient } from "@aws-sdk/client-elasticsearch-service";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { loadEnvironments } from "../environments";
import { didYouMean, type Problem } from "../environments/validation/problems";
import {
  argumentProblem,
  directoryOption,
  jsonOption,
  type ParsedArguments,
  portOption,
  refuseEnvironment,
} from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { Emulator } from "./local/emulator";
import { formatItem } from "./local/outside-states";
import { type LocalPaths, localPaths } from "./local/project";
import {
  deployedEnvironments,
  discardAll,
  ensureEmulator,
  findTarget,
  type SessionOptions,
  withLock,
} from "./local/session";
import { awsVariables, emulatorWorkspace, exportLines } from "./terraform/environment-variables";

/** What a subcommand prints: a text for people, a document for `--json`, and whether that is what was wanted. */
interface Answer {
  readonly text: string;
  readonly json: object;
  readonly ok: boolean;
}

interface Request extends SessionOptions {
  /** The environment of `start`, the secret of `secret`, the domain of `domain`. */
  readonly argument: string | undefined;
  readonly port: number | undefined;
}

const subcommands: Readonly<Record<string, (request: Request) => Promise<Answer>>> = {
  start,
  stop,
  status,
  env: printEnvironment,
  secret: printSecret,
  domain: printDomain,
};

export const command = defineCommand({
  arguments: {
    name: "emulator",
    description: "Starts, stops and asks the AWS emulator of this machine.",
    positionals: [
      {
        name: "command",
        description: Object.keys(subcommands).join(", "),
        allowed: Object.keys(subcommands).join(", "),
        check: (value) =>
          Object.hasOwn(subcommands, value)
            ? undefined
            : { allowed: Object.keys(subcommands).join(", "), fix: didYouMean(value, Object.keys(subcommands)) },
      },
      {
        name: "argument",
        description: "start: the environment (default development); secret: the secret's name; domain: the domain's",
        allowed: "an environment or the name of a secret or domain",
        optional: true,
      },
    ],
    options: { ...portOption, ...directoryOption, ...jsonOption },
    notes: `  start [environment]  start the AWS emulator as the account of an environment (default: development)
  stop                 end it, with everything in it
  status               what runs, and what exists in it; exit code 1 where none runs
  env                  lines for eval that point AWS clients, Terraform and cdktf at it:
                         eval "$(npm run --silent emulator -- env)"
                       cdktf then keeps its output and states in a folder of the emulator, and Terraform its states in
                       the workspace "emulator", not in those of real deployments; open a new shell to leave
  secret NAME          the value of a secret, such as skymanuals-development/database-url
  domain NAME          the URL of an Elasticsearch domain, such as skymanuals-development-logs; requests are signed`,
    check: checkArgument,
  },

  explainStop: (_invocation, { ...reason }) => `Stopped by ${Object.values(reason)[0]}.`,

  run: async ({ positionals, options, progress, stop }) => {
    const subcommand = subcommands[positionals.command] as (request: Request) => Promise<Answer>;
    const { text, json, ok } = await subcommand({
      paths: localPaths(undefined, options.directory),
      progress,
      stop,
      argument: positionals.argument,
      port: options.port === undefined ? undefined : Number(options.port),
    });
    if (options.json) {
      console.log(JSON.stringify(json, null, 2));
    } else if (text) {
      console.log(text);
    }
    return ok;
  },
});

function checkArgument({ positionals: { command, argument } }: ParsedArguments): Problem[] {
  if (command === "start") {
    const refusal = argument === undefined ? undefined : refuseEnvironment(argument);
    return refusal ? [argumentProblem("environment", argument, refusal)] : [];
  }
  if (command === "secret") {
    const allowed = "the name of a secret, such as skymanuals-development/database-url";
    return argument === undefined
      ? [argumentProblem("secret", argument, { allowed, fix: "npm run emulator -- status lists them" })]
      : [];
  }
  if (command === "domain") {
    const allowed = "the name of an Elasticsearch domain, such as skymanuals-development-logs";
    return argument === undefined
      ? [argumentProblem("domain", argument, { allowed, fix: "npm run emulator -- status lists them" })]
      : [];
  }
  return argument === undefined ? [] : [argumentProblem("argument", argument, { allowed: `${command} alone` })];
}

async function start(request: Request): Promise<Answer> {
  const { environment, hostedZones } = findTarget(request.argument ?? "development");
  const { emulator, reused } = await withLock(request, "emulator start", () =>
    ensureEmulator(request, { accountId: environment.accountId, hostedZones, port: request.port }),
  );
  const { url, pid, accountId, log } = emulator;
  return {
    text: `${reused ? "Runs already" : "Runs"} on ${url}: process ${pid}, account ${accountId}`,
    json: { ok: true, url, pid, accountId, log, reused },
    ok: true,
  };
}

async function stop(request: Request): Promise<Answer> {
  const { directory } = request.paths;
  const ran = await withLock(request, "emulator stop", async () => {
    const running = await Emulator.find(directory);
    await discardAll(request.paths);
    return running !== undefined;
  });
  return { text: ran ? "Stopped; everything in it is gone." : "None ran.", json: { ok: true, ran }, ok: true };
}

async function status({ paths }: Request): Promise<Answer> {
  const emulator = await Emulator.find(paths.directory);
  if (!emulator) {
    const text = Emulator.wasStarted(paths.directory)
      ? `The emulator that was started in ${paths.directory} is gone.`
      : `No emulator runs in ${paths.directory}.`;
    return { text, json: { ok: false, failures: [text] }, ok: false };
  }
  const { url, pid, accountId, log } = emulator;
  const [inventory, summary] = await Promise.all([emulator.inventory(), emulator.summary()]);
  const lines = [
    `Runs on ${url}: process ${pid}, account ${accountId}, log ${log}`,
    `${summary.requests} requests, ${inventory.length} objects exist`,
    ...inventory.map((item) => `  ${formatItem(item)}`),
  ];
  return { text: lines.join("\n"), json: { ok: true, url, pid, accountId, log, summary, inventory }, ok: true };
}

/** `text` goes to stderr where it is no result: `eval` takes the lines on stdout. */
function noEmulator({ progress }: Request): Answer {
  const text = "No emulator runs. Start one: npm run emulator -- start";
  progress.note(text);
  return { text: "", json: { ok: false, failures: [text] }, ok: false };
}

async function printEnvironment(request: Request): Promise<Answer> {
  const { paths } = request;
  const emulator = await Emulator.find(paths.directory);
  if (!emulator) {
    return noEmulator(request);
  }
  const deployed = deployedEnvironments(paths.directory);
  if (deployed.length > 0) {
    request.progress.note(
      `${deployed.join(" and ")} stands here in the states of deploy:local. cdktf and Terraform in this shell have states of their own, ` +
        "with nothing of it: they would create it again. Use them on an emulator of their own: " +
        "npm run emulator -- start --directory .local/second --port 0",
    );
  }
  // cdktf makes the last folder of the path only.
  mkdirSync(paths.cdktf, { recursive: true });
  const variables = environmentOf(emulator, paths);
  return { text: exportLines(process.env, variables), json: variables, ok: true };
}

function environmentOf(emulator: Emulator, { cdktf }: LocalPaths): Record<string, string> {
  return {
    ...awsVariables(emulator.url),
    ...regionOf(emulator),
    // psql trusts the database's certificate by it.
    PGSSLROOTCERT: emulator.authority,
    CDKTF_OUTPUT: join(cdktf, "cdktf.out"),
    // A stack's folder names the state of a real deployment; in this workspace Terraform never reads nor writes it.
    TF_WORKSPACE: emulatorWorkspace,
    CDKTF_SKIP_PROVIDER_LOCK: "true",
    CHECKPOINT_DISABLE: "1",
  };
}

async function printSecret(request: Request): Promise<Answer> {
  const emulator = await Emulator.find(request.paths.directory);
  if (!emulator) {
    return noEmulator(request);
  }
  const client = new SecretsManagerClient({
    ...emulator.clientConfig,
    region: regionOf(emulator).AWS_REGION ?? "us-east-1",
  });
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: request.argument }));
  return { text: SecretString, json: { name: request.argument, value: SecretString }, ok: true };
}

async function printDomain(request: Request): Promise<Answer> {
  const emulator = await Emulator.find(request.paths.directory);
  if (!emulator) {
    return noEmulator(request);
  }
  const client = new ElasticsearchServiceClient({
    ...emulator.clientConfig,
    region: regionOf(emulator).AWS_REGION ?? "us-east-1",
  });
  const { DomainStatus } = await client.send(new DescribeElasticsearchDomainCommand({ DomainName: request.argument }));
  const url = `https://${DomainStatus?.Endpoints?.vpc ?? DomainStatus?.Endpoint}`;
  return { text: url, json: { name: request.argument, url }, ok: true };
}

/**
 * AWS clients ask for a region; Terraform has its own in the configuration. Version 1 of AWS's command line reads
 * AWS_DEFAULT_REGION alone (AWS CLI User Guide for version 1, "Environment variables"), version 2 and the SDKs AWS_REGION.
 */
function regionOf({ accountId }: Emulator): Record<string, string> {
  const environment = loadEnvironments().environments.find((candidate) => candidate.accountId === accountId);
  return environment ? { AWS_REGION: environment.region, AWS_DEFAULT_REGION: environment.region } : {};
}

runScript(module, command);
