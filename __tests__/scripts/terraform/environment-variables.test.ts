import { execFileSync } from "node:child_process";
import {
  awsVariables,
  exportLines,
  pythonEnvironment,
  synthEnvironment,
  terraformEnvironment,
} from "../../../scripts/terraform/environment-variables";

const url = "http://127.0.0.1:4780";
const user = {
  PATH: "/usr/bin",
  HOME: "/home/engineer",
  HTTPS_PROXY: "http://proxy:3128",
  http_proxy: "http://proxy:3128",
  NO_PROXY: "internal",
  AWS_PROFILE: "production",
  AWS_ACCESS_KEY_ID: "AKIAREAL",
  AWS_SESSION_TOKEN: "real",
  AWS_REGION: "eu-west-1",
  AWS_CONFIG_FILE: "/home/engineer/.aws/config",
  AWS_ENDPOINT_URL_S3: "https://s3.amazonaws.com",
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
  AWS_ROLE_ARN: "arn:aws:iam::222222222222:role/deploy",
  TF_VAR_database_password: "real",
  TF_CLI_ARGS: "-no-color",
  TF_CLI_ARGS_apply: "-target=aws_vpc.skymanuals",
  TF_WORKSPACE: "other",
  TF_DATA_DIR: "/tmp/data",
  TF_TOKEN_app_terraform_io: "real",
  TF_PLUGIN_CACHE_DIR: "/home/engineer/.cache",
  TF_CLI_CONFIG_FILE: "/home/engineer/.terraformrc",
  CDKTF_OUTDIR: "elsewhere",
};

describe("the environment of Terraform on the emulator", () => {
  const environment = terraformEnvironment(user, url, { redis_node_type: "cache.t3.small" });

  test("of AWS's variables only those that choose the emulator are there", () => {
    const aws = Object.entries(environment).filter(([name]) => name.startsWith("AWS_"));
    expect(Object.fromEntries(aws)).toEqual({
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: "emulator",
      AWS_SECRET_ACCESS_KEY: "emulator",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_MAX_ATTEMPTS: "3",
    });
  });

  test("of Terraform's variables only plugin sources stay, and the values given to the run are added", () => {
    const terraform = Object.entries(environment).filter(([name]) => name.startsWith("TF_"));
    expect(Object.fromEntries(terraform)).toEqual({
      TF_PLUGIN_CACHE_DIR: "/home/engineer/.cache",
      TF_CLI_CONFIG_FILE: "/home/engineer/.terraformrc",
      TF_IN_AUTOMATION: "1",
      TF_INPUT: "0",
      TF_VAR_redis_node_type: "cache.t3.small",
    });
  });

  test("the user's other variables stay, and the emulator is reached without a proxy", () => {
    expect(environment).toMatchObject({ PATH: "/usr/bin", HOME: "/home/engineer", NO_PROXY: "127.0.0.1,internal" });
  });

  test("S3 Control's hosts, which have the account in front, are asked for at the emulator", () => {
    const proxies = Object.entries(environment).filter(([name]) => /_proxy$/i.test(name));
    expect(Object.fromEntries(proxies)).toEqual({
      HTTP_PROXY: url,
      HTTPS_PROXY: "http://proxy:3128",
      NO_PROXY: "127.0.0.1,internal",
      no_proxy: "127.0.0.1,internal",
    });
  });

  test("no real value is left anywhere", () => {
    expect(JSON.stringify(environment)).not.toMatch(/real|AKIA|222222222222/i);
  });
});

test("a synthesis gets no credentials, and its own output folder", () => {
  const environment = synthEnvironment(user, "/run/cdktf.out");
  expect(environment.CDKTF_OUTDIR).toBe("/run/cdktf.out");
  expect(Object.keys(environment).filter((name) => /^(AWS|TF)_/.test(name))).toEqual([]);
});

test("Python imports nothing from the user's own paths", () => {
  const environment = pythonEnvironment({ ...user, PYTHONPATH: "/x", PYTHONHOME: "/y", PIP_INDEX_URL: "https://i" });
  expect(Object.keys(environment).filter((name) => /^(AWS|PYTHON)/.test(name))).toEqual([]);
  expect(environment.PIP_INDEX_URL).toBe("https://i");
});

test("the lines for eval leave a shell with the emulator's variables only, whatever was set before", () => {
  const variables = { ...awsVariables(url), CDKTF_OUTPUT: "/a folder/it's here/cdktf.out" };
  const script = `eval "$LINES_TO_EVAL"; env | grep -E '^(AWS|CDKTF|HTTP_PROXY|TF_VAR|TF_CLI_ARGS)' | sort`;
  const output = execFileSync("sh", ["-c", script], {
    encoding: "utf8",
    env: { ...user, PATH: process.env.PATH, LINES_TO_EVAL: exportLines(user, variables) },
  });
  const expected = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  expect(output.trim().split("\n")).toEqual(expected.sort());
});
