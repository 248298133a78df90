import { devNull } from "node:os";

/**
 * Variables of Terraform that a local run takes from the user: where plugins and settings come from, and logging.
 * Others change what is planned or where (`TF_VAR_*`, `TF_CLI_ARGS*`, `TF_WORKSPACE`, `TF_DATA_DIR`, `TF_TOKEN_*`).
 */
const keptTerraformVariables = new Set([
  "TF_CLI_CONFIG_FILE",
  "TF_PLUGIN_CACHE_DIR",
  "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
  "TF_REGISTRY_CLIENT_TIMEOUT",
  "TF_REGISTRY_DISCOVERY_RETRY",
  "TF_LOG",
  "TF_LOG_CORE",
  "TF_LOG_PROVIDER",
  "TF_LOG_PATH",
]);

/** The emulator asks for a signature and checks none. */
export const emulatorCredentials = { AWS_ACCESS_KEY_ID: "emulator", AWS_SECRET_ACCESS_KEY: "emulator" } as const;

/**
 * The workspace (`TF_WORKSPACE`) of a shell that talks to the emulator. A local backend keeps its state in
 * `terraform.tfstate.d/<workspace>/` of the stack's folder, an S3 backend under `env:/<workspace>/` (Terraform
 * documentation, "Workspaces", "Backend Type: local" and "s3").
 */
export const emulatorWorkspace = "emulator";

/**
 * The variables that choose the emulator at `url` and nothing else: no profile, file, role or service endpoint is left.
 *
 * Requests to S3 Control have the account in front of the host (`111111111111.127.0.0.1`), which no resolver knows: the emulator is
 * their HTTP proxy. Go never uses a proxy for 127.0.0.1 itself (Go documentation, net/http, ProxyFromEnvironment), and AWS's own hosts
 * are asked by HTTPS.
 */
export function awsVariables(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    HTTP_PROXY: url,
    ...emulatorCredentials,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "3",
  };
}

/**
 * The environment of a Terraform process on the emulator, from the user's own.
 * Every `AWS_*` variable of the user is dropped, and every `TF_*` one but those above: `TF_VAR_*` too, because a
 * shell that was set up for a real deployment would hand its password to the emulator. `variables` takes their place:
 * values of Terraform variables by name.
 */
export function terraformEnvironment(
  inherited: NodeJS.ProcessEnv,
  url: string,
  variables: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const environment = withoutPrefixes(inherited, ["AWS_", "TF_", "HTTP_PROXY"], keptTerraformVariables);
  const noProxy = ["127.0.0.1", inherited.NO_PROXY ?? inherited.no_proxy].filter(Boolean).join(",");
  return {
    ...environment,
    ...awsVariables(url),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])),
  };
}

/** The environment of a synthesis into `outdir`: synthesis reads no account, so it gets no credentials. */
export function synthEnvironment(inherited: NodeJS.ProcessEnv, outdir: string): NodeJS.ProcessEnv {
  return { ...withoutPrefixes(inherited, ["AWS_", "TF_", "CDKTF_"]), CDKTF_OUTDIR: outdir };
}

/** The environment of Python processes: only what lies in the virtual environment is imported. */
export function pythonEnvironment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return withoutPrefixes(inherited, ["AWS_", "PYTHON", "VIRTUAL_ENV", "MOTO_"], new Set(["PYTHONWARNINGS"]));
}

/** Lines for `eval` in a POSIX shell: the user's own variables that would interfere are unset, `variables` exported. */
export function exportLines(inherited: NodeJS.ProcessEnv, variables: Readonly<Record<string, string>>): string {
  const unset = Object.keys(inherited).filter((name) =>
    /^(AWS_|CDKTF_|TF_VAR_|TF_CLI_ARGS|TF_WORKSPACE$|TF_DATA_DIR$)/.test(name),
  );
  return [
    ...unset.filter((name) => !(name in variables)).map((name) => `unset ${name}`),
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuote(value)}`),
  ].join("\n");
}

export function shellQuote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

function withoutPrefixes(
  environment: NodeJS.ProcessEnv,
  prefixes: readonly string[],
  kept: ReadonlySet<string> = new Set(),
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => kept.has(name) || !prefixes.some((prefix) => name.toUpperCase().startsWith(prefix)),
    ),
  );
}
