import { terraformEnvironment } from "../terraform/environment-variables";

/** Where the plans of an adoption are made. */
export interface PlanningEnvironment {
  /** The environment of the Terraform processes. */
  readonly env: NodeJS.ProcessEnv;
  /** In words: AWS and account, or the emulator's address. */
  readonly target: string;
}

/**
 * The user's environment without what would lead Terraform out of the work folder (`TF_CLI_ARGS*`, `TF_DATA_DIR`,
 * `TF_WORKSPACE`); where AWS_ENDPOINT_URL is set, that of the emulator there and nothing of an AWS account.
 */
export function planningEnvironment(inherited: NodeJS.ProcessEnv, accountId: string): PlanningEnvironment {
  const url = inherited.AWS_ENDPOINT_URL;
  if (url) {
    return { env: terraformEnvironment(inherited, url), target: `the emulator at ${url}` };
  }
  const kept = Object.entries(inherited).filter(([name]) => !/^(TF_CLI_ARGS|TF_DATA_DIR$|TF_WORKSPACE$)/.test(name));
  return {
    env: { ...Object.fromEntries(kept), TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" },
    target: `AWS account ${accountId}, with your credentials, reading only`,
  };
}
