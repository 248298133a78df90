import { parseArgs } from "node:util";
import { findEnvironment } from "../environments";
import { imageTag } from "../environments/sections/api";
import { InvalidInput } from "../environments/validation/problems";
import { problemsOf } from "../environments/validation/rules";
import { awsCommandLine } from "./release/aws-command-line";
import { apiNames, checkAccount, release, tagOf, waitForRollout } from "./release/release";

const usage = `Usage: npm run release -- <environment> <tag or sha256:digest>

Runs another image of the API, without Terraform: writes the SSM parameter /<prefix>/api/image, registers a revision of the
task definition, updates the service, and waits until its tasks are replaced. Uses AWS's command line (aws) and its
credentials. The next plan is empty.`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { help: { type: "boolean" } } });
  const [name, tag] = positionals;
  if (values.help || name === undefined || tag === undefined || positionals.length > 2) {
    console.log(usage);
    return values.help ? 0 : 1;
  }
  const environment = findEnvironment(name);
  const problems = problemsOf(imageTag, tag, "command line", "tag");
  if (problems.length > 0) throw new InvalidInput(problems);

  const aws = awsCommandLine(environment.region);
  const names = apiNames(environment.names.prefix);
  await checkAccount(aws, environment.accountId);
  const released = await release(aws, names, tag);
  console.log(`${released.previousImage}\n  -> ${released.image}\n${released.taskDefinitionArn}`);
  try {
    await waitForRollout(aws, names, released);
  } catch (error) {
    const previous = tagOf(released.previousImage);
    console.error(
      `Until another release, the next apply would start ${tag} again: npm run release -- ${name} ${previous}`,
    );
    throw error;
  }
  console.log("Every task runs it.");
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
