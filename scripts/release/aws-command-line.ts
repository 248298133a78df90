import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Aws } from "./release";

/** `release-task` of `ReleaseTask`. */
function kebabCase(operation: string): string {
  return operation.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
}

/** AWS's own command line, with the user's credentials; no shell sees the members. */
export function awsCommandLine(region: string, env: NodeJS.ProcessEnv = process.env): Aws {
  return async (service, operation, members) => {
    const args = [service, kebabCase(operation), "--cli-input-json", JSON.stringify(members)];
    try {
      const { stdout } = await promisify(execFile)("aws", [...args, "--region", region, "--output", "json"], {
        env: { ...env, AWS_PAGER: "" },
        maxBuffer: 2 ** 24,
      });
      return stdout.trim() === "" ? {} : JSON.parse(stdout);
    } catch (error) {
      const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
      throw new Error(
        code === "ENOENT"
          ? "npm run release needs AWS's command line, aws: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
          : `aws ${service} ${args[1]}: ${stderr.trim() || String(error)}`,
        { cause: error },
      );
    }
  };
}
