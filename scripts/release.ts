import { findEnvironment } from "../environments";
import { imageTag } from "../environments/sections/api";
import { problemsOf } from "../environments/validation/rules";
import { environmentArgument, jsonOption } from "./command/arguments";
import { defineCommand, runScript } from "./command/command";
import { awsCommandLine } from "./release/aws-command-line";
import { apiNames, checkAccount, release, tagOf, waitForRollout } from "./release/release";

export const command = defineCommand({
  arguments: {
    name: "release",
    description: `Runs another image of the API, without Terraform: writes the SSM parameter /<prefix>/api/image, registers a revision of the
task definition, updates the service, and waits until its tasks are replaced. Uses AWS's command line (aws) and its
credentials. The next plan is empty.`,
    positionals: [
      environmentArgument({}),
      {
        name: "tag",
        description: "tag of the image, or sha256: and its digest",
        allowed: "a tag such as 1.0.0, or sha256:<digest>",
        check: (value) => problemsOf(imageTag, value, "command line", "tag")[0],
      },
    ],
    options: jsonOption,
  },

  run: async ({ positionals, options: { json } }) => {
    const { tag } = positionals;
    const environment = findEnvironment(positionals.environment);
    const aws = awsCommandLine(environment.region);
    const names = apiNames(environment.names.prefix);
    await checkAccount(aws, environment.accountId);
    const released = await release(aws, names, tag);
    if (!json) {
      console.log(`${released.previousImage}\n  -> ${released.image}\n${released.taskDefinitionArn}`);
    }
    try {
      await waitForRollout(aws, names, released);
    } catch (error) {
      const previous = tagOf(released.previousImage);
      console.error(
        `Until another release, the next apply would start ${tag} again: npm run release -- ${environment.name} ${previous}`,
      );
      throw error;
    }
    console.log(
      json ? JSON.stringify({ environment: environment.name, ok: true, ...released }, null, 2) : "Every task runs it.",
    );
    return true;
  },
});

runScript(module, command);
