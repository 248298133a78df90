import { findEnvironment } from "../environments";
import { InvalidInput } from "../environments/validation/problems";
import { adopt } from "./adopt/adoption";
import { parseCommandLine, usage } from "./adopt/command-line";
import { environmentLines } from "./adopt/lines";
import { planningEnvironment } from "./adopt/planning-environment";
import { formatReport } from "./adopt/report";
import { Stop, Stopped } from "./command/stop";
import { TerraformError } from "./terraform/run";

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const { stateFile, environment: name, json, allowReplace, allowDestroy } = parseCommandLine(args);
  const environment = findEnvironment(name);
  const { env, target } = planningEnvironment(process.env, environment.accountId);
  console.error(`Planning against ${target}, on copies of the state and the stack.`);
  const stop = new Stop();
  const unlisten = stop.listen();
  try {
    const adoption = await adopt({
      stateFile,
      environment,
      env,
      allowReplace,
      allowDestroy,
      onProgress: (text) => console.error(`${text} ...`),
      stop,
    });
    console.log(
      json
        ? JSON.stringify({ ...adoption, lines: environmentLines(environment, adoption) }, null, 2)
        : formatReport(environment, adoption),
    );
    return adoption.outcome.refused.length === 0 ? 0 : 1;
  } catch (error) {
    stop.throwIfRequested();
    throw error;
  } finally {
    unlisten();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const expected = error instanceof InvalidInput || error instanceof TerraformError || error instanceof Stopped;
    console.error(expected ? error.message : error);
    process.exitCode = error instanceof Stopped ? error.exitCode : 1;
  },
);
