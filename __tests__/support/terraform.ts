import { spawnSync } from "node:child_process";

export interface TerraformResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the real Terraform, with no colours, no questions and no look-up of newer versions.
 * @throws Error in one line if there is none on the PATH
 */
export function terraform(
  cwd: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TerraformResult {
  const result = spawnSync("terraform", args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0", ...environment },
  });
  if (result.error) {
    throw new Error(
      (result.error as NodeJS.ErrnoException).code === "ENOENT"
        ? "these tests need Terraform 1.11 or newer on the PATH: https://developer.hashicorp.com/terraform/install"
        : `terraform ${args.join(" ")}: ${result.error.message}`,
    );
  }
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}
