import { accounts, environments, findEnvironment, loadEnvironments, validateEnvironments } from "../../environments";
import type { Account, Environment } from "../../environments/environment";
import { InvalidInput } from "../../environments/validation/problems";
import { singletonScopes } from "../../facts/singletons";
import { withValue, withValues } from "./edit";

const [development, staging, paired] = environments as [Environment, Environment, Environment];
/** By itself: the rules between it and what stands in for it are in recovery.test.ts. */
const production = withValue(paired, "recovery", null);
const [lower, upper] = accounts as [Account, Account];

/** What the entry of an account's other region says of what holds in all regions. */
const otherRegion = {
  accountId: lower.accountId,
  region: "eu-north-1",
  ...Object.fromEntries(
    Object.entries(singletonScopes).flatMap(([name, scope]) =>
      scope === "account" ? [[`singletons.${name}`, "elsewhere"]] : [],
    ),
  ),
  "governance.trail": null,
  costs: null,
};

function found(list: readonly Environment[], inAccounts: readonly Account[] = accounts) {
  return validateEnvironments(list, inAccounts).map(({ source, path, value, allowed, fix }) => [
    source,
    path,
    value,
    allowed,
    fix,
  ]);
}

test("equal VPC CIDR blocks of two environments are allowed: nothing connects them", () => {
  expect(found([development, withValue(staging, "network.vpcCidrBlock", development.network.vpcCidrBlock)])).toEqual(
    [],
  );
});

test("one prefix in two accounts is allowed", () => {
  expect(found([withValue(development, "names.prefix", "skymanuals"), production])).toEqual([]);
});

const rules: readonly {
  rule: string;
  list: readonly Environment[];
  inAccounts?: readonly Account[];
  problem: readonly [source: string, path: string, value: unknown, allowed: string, fix: string];
}[] = [
  {
    rule: "one name twice",
    list: [production, withValues(development, { name: "production" })],
    problem: [
      "environments/production.ts",
      "name",
      "production",
      "a name that no other environment has",
      "rename one (environments/production.ts, name has the same)",
    ],
  },
  {
    rule: "one prefix twice in an account, in two regions",
    list: [
      development,
      withValues(staging, {
        "names.prefix": "skymanuals-development",
        region: "eu-north-1",
        zones: ["eu-north-1a", "eu-north-1b", "eu-north-1c"],
      }),
    ],
    inAccounts: [
      lower,
      withValues(lower, {
        ...otherRegion,
        name: "nonprod-eu",
        "governance.config.bucket": "skymanuals-config-eu",
        "stateBucket.bucket": "skymanuals-terraform-state-eu",
      }),
    ],
    problem: [
      "environments/staging.ts",
      "names.prefix",
      "skymanuals-development",
      "a prefix that no other environment of the account has: the budget's and other names hold in every region",
      "give one of them a prefix of its own, such as skymanuals-<name> (environments/development.ts, names.prefix has the same)",
    ],
  },
  {
    rule: "a prefix whose log group is another's",
    list: [withValue(development, "names.prefix", "sky-api"), withValue(staging, "names.prefix", "sky")],
    problem: [
      "environments/development.ts",
      "names.prefix",
      "sky-api",
      "a prefix whose log group /ecs/sky-api is no other environment's",
      "choose another ending than -api, -logstash and -migrations (environments/staging.ts has sky)",
    ],
  },
  {
    rule: "one bucket twice, in two accounts",
    list: [development, withValue(production, "names.chunksBucket", "development-skymanuals-chunks")],
    problem: [
      "environments/production.ts",
      "names.chunksBucket",
      "development-skymanuals-chunks",
      "a bucket name that nothing else has: bucket names hold in all of AWS",
      "put the environment or account into the name (environments/development.ts, names.chunksBucket has the same)",
    ],
  },
  {
    rule: "access logs in the bucket of the chunks",
    list: [withValue(production, "names.logsBucket", production.names.chunksBucket)],
    problem: [
      "environments/production.ts",
      "names.logsBucket",
      "production-skymanuals-chunks",
      "a bucket name that nothing else has: bucket names hold in all of AWS",
      "put the environment or account into the name (environments/production.ts, names.chunksBucket has the same)",
    ],
  },
  {
    rule: "chunks in the bucket of the states",
    list: [withValue(development, "names.chunksBucket", lower.stateBucket.bucket)],
    problem: [
      "environments/development.ts",
      "names.chunksBucket",
      lower.stateBucket.bucket,
      "a bucket name that nothing else has: bucket names hold in all of AWS",
      "put the environment or account into the name (environments/accounts.ts, accounts[0].stateBucket.bucket has the same)",
    ],
  },
  {
    rule: "one hosted zone of two environments",
    list: [
      production,
      withValues(staging, {
        domain: { ...staging.domain, zoneName: "skymanuals.com", zone: "lookup" },
      }),
    ],
    problem: [
      "environments/staging.ts",
      "domain.zoneName",
      "skymanuals.com",
      "a zone that no other environment has: both would write origin.<zoneName>",
      "give one of them a zone of its own, such as <name>.<zoneName> (environments/production.ts, domain.zoneName has the same)",
    ],
  },
  {
    rule: "one API name of two environments",
    list: [withValue(production, "domain.apiName", "api.staging.skymanuals.com"), staging],
    problem: [
      "environments/staging.ts",
      "domain.apiName",
      "api.staging.skymanuals.com",
      "a name that no other environment has: CloudFront serves a name from one distribution",
      "give one of them a name of its own (environments/production.ts, domain.apiName has the same)",
    ],
  },
  {
    rule: "one state of two environments",
    list: [staging, withValue(development, "backend", staging.backend)],
    problem: [
      "environments/development.ts",
      "backend.key",
      "skymanuals-staging/terraform.tfstate",
      "a state of its own: bucket and key differ from every other's",
      "use a key such as skymanuals-<name>/terraform.tfstate (environments/staging.ts, backend.key has the same)",
    ],
  },
  {
    rule: "one state of an environment and an account",
    list: [staging],
    inAccounts: [withValue(lower, "backend", staging.backend)],
    problem: [
      "environments/accounts.ts",
      "accounts[0].backend.key",
      "skymanuals-staging/terraform.tfstate",
      "a state of its own: bucket and key differ from every other's",
      "use a key such as skymanuals-<name>/terraform.tfstate (environments/staging.ts, backend.key has the same)",
    ],
  },
  {
    rule: "one workspace of two environments",
    list: [staging, development].map((environment) =>
      withValue(environment, "backend", {
        type: "cloud",
        organization: "skymanuals",
        project: null,
        workspace: { name: "platform" },
      }),
    ),
    problem: [
      "environments/development.ts",
      "backend.workspace.name",
      "platform",
      "a workspace of its own in the organization",
      "use a workspace such as skymanuals-<name> (environments/staging.ts, backend.workspace.name has the same)",
    ],
  },
  {
    rule: "a state in another account's bucket",
    list: [withValue(staging, "backend.bucket", upper.stateBucket.bucket)],
    problem: [
      "environments/staging.ts",
      "backend.bucket",
      "skymanuals-terraform-state-222222222222",
      "the state bucket of account 111111111111: skymanuals-terraform-state-111111111111",
      'use "skymanuals-terraform-state-111111111111"',
    ],
  },
  {
    rule: "a state in a bucket that no account has",
    list: [staging],
    inAccounts: [upper],
    problem: [
      "environments/staging.ts",
      "backend.bucket",
      "skymanuals-terraform-state-111111111111",
      "the state bucket of account 111111111111, which environments/accounts.ts lacks",
      'add account 111111111111 with stateBucket.bucket "skymanuals-terraform-state-111111111111" to environments/accounts.ts',
    ],
  },
  {
    rule: "a state bucket's region mistaken",
    list: [withValue(staging, "backend.region", "eu-north-1")],
    problem: [
      "environments/staging.ts",
      "backend.region",
      "eu-north-1",
      "the bucket's region: us-east-1",
      'use "us-east-1"',
    ],
  },
  {
    rule: "one account name twice",
    list: [],
    inAccounts: [lower, withValue(upper, "name", lower.name)],
    problem: [
      "environments/accounts.ts",
      "accounts[1].name",
      lower.name,
      "a name that no other account has",
      "rename one (environments/accounts.ts, accounts[0].name has the same)",
    ],
  },
  {
    rule: "one account and region twice",
    list: [],
    inAccounts: [lower, withValues(upper, { ...otherRegion, region: lower.region })],
    problem: [
      "environments/accounts.ts",
      "accounts[1].accountId",
      lower.accountId,
      "one entry for each account and region",
      "remove one, or correct accountId or region (environments/accounts.ts, accounts[0].accountId has the same)",
    ],
  },
];

test.each([
  {
    rule: "an environment in an account that accounts.ts lacks",
    list: [withValue(development, "accountId", "333333333333")],
    inAccounts: [lower],
    problem: [
      "environments/development.ts",
      "accountId",
      "333333333333",
      "an account of environments/accounts.ts",
      "add account 333333333333 to environments/accounts.ts",
    ],
  },
  {
    rule: "an environment in a region that its account lacks",
    list: [withValues(development, { region: "eu-north-1", zones: ["eu-north-1a", "eu-north-1b", "eu-north-1c"] })],
    inAccounts: [lower],
    problem: [
      "environments/development.ts",
      "region",
      "eu-north-1",
      "a region that environments/accounts.ts has for account 111111111111: us-east-1",
      "add an entry for 111111111111 in eu-north-1 to environments/accounts.ts",
    ],
  },
  {
    rule: "the service-linked role in two states of an account",
    list: [],
    inAccounts: [lower, withValues(upper, { ...otherRegion, "singletons.elasticsearchServiceLinkedRole": "adopt" })],
    problem: [
      "environments/accounts.ts",
      "accounts[1].singletons.elasticsearchServiceLinkedRole",
      "adopt",
      `"create" or "adopt" in one entry of account ${lower.accountId}, "elsewhere" in those of its other regions: it has one of it`,
      'set it to "elsewhere" (environments/accounts.ts, accounts[0].singletons.elasticsearchServiceLinkedRole has it)',
    ],
  },
  {
    rule: "the service-linked role in no state of an account",
    list: [],
    inAccounts: [withValues(lower, { "singletons.elasticsearchServiceLinkedRole": "elsewhere" })],
    problem: [
      "environments/accounts.ts",
      "accounts[0].singletons.elasticsearchServiceLinkedRole",
      "elsewhere",
      `"create" or "adopt" in one entry of account ${lower.accountId}, "elsewhere" in those of its other regions: it has one of it`,
      'set it to "create", or to "adopt" where the account has it',
    ],
  },
  {
    rule: "the password policy in two states of an account",
    list: [],
    inAccounts: [lower, withValues(upper, { ...otherRegion, "singletons.passwordPolicy": "create" })],
    problem: [
      "environments/accounts.ts",
      "accounts[1].singletons.passwordPolicy",
      "create",
      `"create" or "adopt" in one entry of account ${lower.accountId}, "elsewhere" in those of its other regions: it has one of it`,
      'set it to "elsewhere" (environments/accounts.ts, accounts[0].singletons.passwordPolicy has it)',
    ],
  },
  {
    rule: "the trail in no state of an account",
    list: [],
    inAccounts: [withValues(lower, { "singletons.trail": "elsewhere", "governance.trail": null })],
    problem: [
      "environments/accounts.ts",
      "accounts[0].singletons.trail",
      "elsewhere",
      `"create" or "adopt" in one entry of account ${lower.accountId}, "elsewhere" in those of its other regions: it has one of it`,
      'set it to "create", or to "adopt" where the account has it',
    ],
  },
  {
    rule: "the trail's log files in a bucket of an environment",
    list: [withValue(development, "audit.bucket", lower.governance.trail?.bucket)],
    inAccounts: [lower],
    problem: [
      "environments/development.ts",
      "audit.bucket",
      "skymanuals-trail-111111111111",
      "a bucket name that nothing else has: bucket names hold in all of AWS",
      "put the environment or account into the name (environments/accounts.ts, accounts[0].governance.trail.bucket has the same)",
    ],
  },
  {
    rule: "two regions' configuration history in one bucket",
    list: [],
    inAccounts: [
      lower,
      withValues(upper, { ...otherRegion, "governance.config.bucket": lower.governance.config.bucket }),
    ],
    problem: [
      "environments/accounts.ts",
      "accounts[1].governance.config.bucket",
      "skymanuals-config-111111111111",
      "a bucket name that nothing else has: bucket names hold in all of AWS",
      "put the environment or account into the name (environments/accounts.ts, accounts[0].governance.config.bucket has the same)",
    ],
  },
  {
    rule: "the costs of an account in two states",
    list: [],
    inAccounts: [lower, withValues(upper, { ...otherRegion, costs: upper.costs })],
    problem: [
      "environments/accounts.ts",
      "accounts[1].costs.email",
      upper.costs?.email,
      "costs in one entry of an account, null in those of its other regions: AWS counts them for all regions",
      "write costs: null (environments/accounts.ts, accounts[0].costs.email has the same)",
    ],
  },
])("refused: $rule", ({ list, inAccounts, problem }) => {
  expect(found(list, inAccounts)).toEqual([problem]);
});

test.each(rules)("refused: $rule", ({ list, inAccounts, problem }) => {
  expect(found(list, inAccounts)).toEqual([problem]);
});

test("a copy whose name was forgotten is at fault, wherever it stands in the list", () => {
  const copy = structuredClone(staging);
  const inFiles = new Map([
    [staging, "environments/staging.ts"],
    [copy, "environments/qa.ts"],
  ]);
  const same = "(environments/staging.ts, name has the same)";
  for (const list of [
    [staging, copy],
    [copy, staging],
  ]) {
    const [first, ...others] = validateEnvironments(list, accounts, inFiles);
    expect(first).toMatchObject({ source: "environments/qa.ts", path: "name", fix: `rename one ${same}` });
    expect(new Set(others.map(({ source }) => source))).toEqual(new Set(["environments/qa.ts"]));
  }
});

test("problems of every file in one list, malformed literals included", () => {
  const problems = validateEnvironments(
    [
      withValue(development, "accountId", "1"),
      undefined as unknown as Environment,
      withValue(production, "names.chunksBucket", development.names.chunksBucket),
    ],
    [lower, withValue(upper, "region", "moon-1")],
  );
  expect(problems.map(({ source, path }) => [source, path])).toEqual([
    ["environments/development.ts", "accountId"],
    ["environments[1]", "(the whole)"],
    ["environments/accounts.ts", "accounts[1].region"],
    ["environments/production.ts", "names.chunksBucket"],
    ["environments/production.ts", "backend.region"],
    ["environments/production.ts", "region"],
  ]);
});

test("loadEnvironments returns the committed literals", () => {
  expect(loadEnvironments()).toEqual({ environments, accounts });
});

describe("findEnvironment", () => {
  test.each(["production", "skymanuals-production"])("finds %s", (name) => {
    expect(findEnvironment(name)).toBe(paired);
  });

  test.each([
    ["prodution", 'did you mean "production"?'],
    ["skymanuals-stagin", 'did you mean "staging"?'],
    ["qa", "name one of these, or add environments/qa.ts and its environment to the list in environments/index.ts"],
    ["", "name one of these, or add environments/<name>.ts and its environment to the list in environments/index.ts"],
  ])("refuses %j", (name, fix) => {
    expect.assertions(2);
    try {
      findEnvironment(name);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInput);
      expect((error as InvalidInput).problems).toEqual([
        {
          source: "command line",
          path: "environment",
          value: name,
          allowed: "development, staging, production, production-dr",
          fix,
        },
      ]);
    }
  });
});
