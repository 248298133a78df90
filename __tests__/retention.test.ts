import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accounts, environments } from "../environments";
import { isPilotLight } from "../environments/recovery";
import { type Kept, retentionTable } from "../facts/retention-table";
import { retentionPage } from "../scripts/docs/retention";
import { at } from "./support/blocks";
import { changed } from "./support/environments";
import { type Judged, periodOf, retentionProblems } from "./support/retention";
import { Synthesized, synthesizeAccount, synthesizePlatform, synthesizeStateBackend } from "./support/synth";

const platforms = environments.map(
  (environment): Judged => ({
    kind: "environment",
    stack: synthesizePlatform(environment),
    environment,
    isWhole: !isPilotLight(environment),
  }),
);
const stacks: readonly Judged[] = [
  ...platforms,
  ...accounts.map(
    (account): Judged => ({
      kind: "account",
      stack: synthesizeAccount(account),
      environment: account,
      isWhole: true,
    }),
  ),
  ...accounts.map((account): Judged => ({ kind: "state", stack: synthesizeStateBackend(account), isWhole: true })),
];

test.each(stacks.map((judged) => [judged.stack.name, judged] as const))(
  "%s: no record ends earlier than its row says, and what must be immutable is locked",
  (_, judged) => {
    expect(retentionProblems(judged)).toEqual([]);
  },
);

test("every row is of something that a stack has", () => {
  expect(retentionTable.filter((row) => !stackOf(row)).map(({ record }) => record)).toEqual([]);
});

test("docs/retention.md is what npm run docs writes", () => {
  expect(readFileSync(join(__dirname, "../docs/retention.md"), "utf8")).toBe(retentionPage());
});

test("seven years are SkyManuals' own policy: no other source of the table says seven", () => {
  for (const { askedBy } of retentionTable) {
    expect(askedBy.replace("SkyManuals' policy: seven years", "")).not.toMatch(/seven|7 years/);
  }
});

type Resources = Record<string, Record<string, Record<string, unknown>>>;

/** A copy of the stack with other resources. */
function mutated(judged: Judged, change: (resources: Resources) => void): Judged {
  const json = structuredClone(judged.stack.json) as { resource: Resources };
  change(json.resource);
  return { ...judged, stack: new Synthesized(judged.stack.name, json) };
}

const resource = (resources: Resources, address: string) => {
  const [type = "", label = ""] = address.split(".");
  return resources[type]?.[label] as Record<string, unknown>;
};

/** What would end the records of a row a day, or an image, early. */
function shorten(row: Kept, { environment, stack }: Judged): (resources: Resources) => void {
  const { expiry } = row;
  const period = periodOf(row.period, environment) as number;
  const address = row.where.endsWith(".*") ? row.where.replace("*", "custody") : row.where;
  switch (expiry.by) {
    case "argument": {
      const per = { days: 1, hours: 24, seconds: 86_400 }[expiry.unit];
      return (resources) => {
        resource(resources, address)[expiry.argument] = period * per - 1;
      };
    }
    case "rules": {
      const days = period === Number.POSITIVE_INFINITY ? 36_500 : period - 1;
      return (resources) => {
        resources.aws_s3_bucket_lifecycle_configuration ??= {};
        resources.aws_s3_bucket_lifecycle_configuration.too_early = {
          bucket: `\${${address}.id}`,
          rule: [
            {
              status: "Enabled",
              filter: [expiry.folder === undefined ? {} : { prefix: `${expiry.folder}2026/` }],
              ...(expiry.of === "current"
                ? { expiration: [{ days }] }
                : { noncurrent_version_expiration: [{ noncurrent_days: days }] }),
            },
          ],
        };
      };
    }
    case "input":
    case "images": {
      const argument = expiry.by === "input" ? "input" : "policy";
      const name = expiry.by === "input" ? expiry.member : "countNumber";
      return (resources) => {
        const config = resource(resources, expiry.address);
        config[argument] = String(config[argument]).replace(
          new RegExp(`("${name}" = )${period}(?!\\d)`),
          `$1${period - 1}`,
        );
      };
    }
    case "plan":
      return (resources) => {
        const [rule] = resource(resources, address).rule as { copy_action: { lifecycle: object }[] }[];
        (rule?.copy_action[0] as { lifecycle: object }).lifecycle = { delete_after: period - 1 };
      };
    case "AWS":
      return () => expect(stack.has(address)).toBe(true);
  }
}

/** The stack of a row, with everything that an environment may have: of production, or of the first that has it. */
function stackOf(row: Kept): Judged {
  const candidates = [...platforms.filter(({ environment }) => environment?.name === "production"), ...stacks];
  return candidates.find(({ kind, stack }) => kind === row.stack && has(stack, row.where)) as Judged;
}

const has = (stack: Synthesized, where: string) =>
  stack.resources().some(({ address, type }) => address === where || `${type}.*` === where);

describe("a record that ends too early is found by name", () => {
  const bounded = retentionTable.filter(({ expiry }) => expiry.by !== "AWS");

  test.each(bounded.map((row) => [row.record, row] as const))("%s", (record, row) => {
    const judged = stackOf(row);
    const problems = retentionProblems(mutated(judged, shorten(row, judged)));
    expect(problems.filter((problem) => problem.startsWith(`${record}: `))).not.toEqual([]);
  });

  test("only what AWS ends by itself has nothing to shorten", () => {
    expect(retentionTable.filter((row) => !bounded.includes(row)).map(({ record }) => record)).toEqual([
      "Hourly snapshots of the index",
    ]);
  });

  test.each(retentionTable.map((row) => [row.record, row] as const))("%s: gone altogether", (record, row) => {
    const problems = retentionProblems(
      mutated(stackOf(row), (resources) => {
        const [type = "", label = ""] = row.where.split(".");
        for (const each of label === "*" ? Object.keys(resources[type] ?? {}) : [label]) {
          delete resources[type]?.[each];
        }
      }),
    );
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${record}: .* has no `)));
  });
});

describe("a lock that gives way is found by name", () => {
  const locked = retentionTable.filter(({ lock }) => lock !== undefined && lock.vaultLock === undefined);
  const changes: Readonly<Record<string, (config: Record<string, unknown>, bucket: Record<string, unknown>) => void>> =
    {
      "no lock": (config) => {
        config.bucket = "${aws_s3_bucket.other.id}";
      },
      "another mode": (config) => {
        (at(config, "rule.default_retention") as { mode: string }).mode = "NONE";
      },
      "a day less": (config) => {
        const retention = at(config, "rule.default_retention") as { days: number };
        retention.days -= 1;
      },
      "a bucket without Object Lock": (_, bucket) => {
        bucket.object_lock_enabled = undefined;
      },
    };

  test.each([
    ["no lock of the vault", undefined],
    ["a day less", 2556],
  ])("monthly backups: %s", (_, min_retention_days) => {
    const row = retentionTable.find(({ expiry }) => expiry.by === "plan") as Kept;
    const problems = retentionProblems(
      mutated(stackOf(row), (resources) => {
        const address = "aws_backup_vault_lock_configuration.backups";
        if (min_retention_days === undefined) {
          delete resources.aws_backup_vault_lock_configuration;
        } else {
          resource(resources, address).min_retention_days = min_retention_days;
        }
      }),
    );
    expect(problems).toContainEqual(expect.stringMatching(/^Monthly backups of the database.* locks for /));
  });

  test("the chain of custody and the archived logs are locked", () => {
    expect(locked.map(({ where }) => where)).toEqual(
      expect.arrayContaining(["aws_s3_bucket.audit", "aws_s3_bucket.log_archive"]),
    );
  });

  test.each(
    locked.flatMap((row) => Object.entries(changes).map(([what, change]) => [row.record, what, row, change] as const)),
  )("%s: %s", (record, _, row, change) => {
    const problems = retentionProblems(
      mutated(stackOf(row), (resources) => {
        const lock = row.where.replace("aws_s3_bucket.", "aws_s3_bucket_object_lock_configuration.");
        change(resource(resources, lock), resource(resources, row.where));
      }),
    );
    expect(problems).toContainEqual(expect.stringMatching(new RegExp(`^${record}: .* lock`)));
  });
});

describe("seven years", () => {
  const production = platforms.find(({ environment }) => environment?.name === "production") as Judged;

  test.each([
    ["Archived logs", { archive: { lockDays: 365, retentionDays: 365 } }],
    ["Records of the chain of custody", { audit: { retentionDays: 365 } }],
  ])("%s: an environment that is to stay may not say less", (record, changes) => {
    const environment = changed(production.environment as (typeof environments)[number], changes);
    const problems = retentionProblems({ ...production, environment, stack: synthesizePlatform(environment) });
    expect(problems.filter((problem) => problem.startsWith(`${record}: `))).not.toEqual([]);
    const passing = changed(environment, { protection: { preventDestroy: false, forceDestroy: true } });
    expect(retentionProblems({ ...production, environment: passing, stack: synthesizePlatform(passing) })).toEqual([]);
  });
});
