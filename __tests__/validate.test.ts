import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { synthesizeAccounts, synthesizeEnvironments, synthesizeProduction } from "./support/environments";
import { terraform } from "./support/terraform";

interface Diagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail: string;
  readonly snippet?: { readonly context: string };
}

/** Keeps the provider from one run to the next, so that it is fetched once. */
const dataFolder = resolve(__dirname, "../.local/validate/.terraform");

const scratch = mkdtempSync(join(tmpdir(), "validate-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const adopted = synthesizeProduction({
  name: "adopted",
  network: { allowedIps: ["203.0.113.0/24"] },
  edge: {
    publicPaths: ["/static/*"],
    restrictToAllowedIps: true,
    waf: { countOnly: ["AWSManagedRulesSQLiRuleSet", "NoUserAgent_HEADER", "AllowedIps"] },
  },
  domain: {
    originCertificateArn: "arn:aws:acm:us-east-1:222222222222:certificate/01234567-89ab-cdef-0123-456789abcdef",
  },
  adopted: {
    keep: {
      "aws_db_instance.postgres": { engine_version: "15.4" },
      "aws_lb.main": { name: "legacy" },
      "aws_vpc.skymanuals": { "tags.Owner": "platform" },
    },
    renamed: { "aws_route_table.public": "aws_route_table.public_platform" },
    moved: [{ from: "aws_internet_gateway.gw", to: "aws_internet_gateway.skymanuals" }],
    removed: ["aws_iam_role_policy_attachment.legacy"],
  },
});
const stacks = [...synthesizeEnvironments(), ...synthesizeAccounts(), adopted];

const environment = { TF_DATA_DIR: dataFolder };
const folderOf = (name: string) => join(scratch, name);

beforeAll(() => {
  mkdirSync(dataFolder, { recursive: true });
  for (const { name, json } of stacks) {
    mkdirSync(folderOf(name));
    writeFileSync(join(folderOf(name), "cdk.tf.json"), JSON.stringify(json));
  }
  const [first, ...others] = stacks.map(({ name }) => folderOf(name)) as [string, ...string[]];
  const { status, stderr } = terraform(first, ["init", "-backend=false", "-no-color"], environment);
  if (status !== 0) {
    throw new Error(`terraform init failed: ${stderr}`);
  }
  for (const folder of others) {
    copyFileSync(join(first, ".terraform.lock.hcl"), join(folder, ".terraform.lock.hcl"));
  }
}, 300_000);

test.each(stacks)(
  "terraform validate accepts $name with the real provider, without a warning",
  ({ name }) => {
    const { stdout, stderr } = terraform(folderOf(name), ["validate", "-json"], environment);
    if (!stdout) {
      throw new Error(stderr);
    }
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    expect(
      diagnostics.map(({ severity, summary, detail, snippet }) => [severity, snippet?.context, summary, detail]),
    ).toEqual([]);
  },
  60_000,
);
