import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accounts, environments } from "../../../environments";
import type { Operation, OutputOf } from "../../../scripts/preflight/aws";
import { formatPreflight } from "../../../scripts/preflight/finding";
import { checks, permissions } from "../../../scripts/preflight/preflight";
import {
  type Answers,
  nameServers,
  onlyFinding,
  orderable,
  platform,
  quotas,
  refuse,
  run,
  vpcOrigins,
  type World,
} from "./support";

test("nothing is found where production can be applied, and everything was asked", async () => {
  const report = await run();
  expect(report).toMatchObject({ environment: "production", ok: true, findings: [] });
  expect(report.checks).toEqual([
    "credentials",
    ...checks.map(({ name }) => name).filter((name) => !["VPC origins", "certificates"].includes(name)),
  ]);
  expect(report.unknown).toEqual([]);
  expect(report.skipped).toEqual([
    { check: "VPC origins", reason: 'edge.origin is "public"' },
    { check: "certificates", reason: "the environment names none: the apply requests what it needs" },
  ]);
});

test("the credentials are of another account: nothing else is asked, because its answers would be of that one", async () => {
  const { findings, asked, ok, skipped } = await run({
    answers: { "sts.GetCallerIdentity": () => ({ Account: "111111111111", Arn: "arn:aws:iam::111111111111:user/e" }) },
  });
  expect(ok).toBe(false);
  expect(findings).toEqual([
    {
      check: "credentials",
      severity: "error",
      what: "credentials of this shell",
      got: "account 111111111111 (arn:aws:iam::111111111111:user/e)",
      needed: "account 222222222222, that of environments/production.ts",
      fix: "choose a profile of account 222222222222: export AWS_PROFILE=<profile>",
    },
  ]);
  expect(asked.map(({ operation }) => operation)).toEqual(["sts.GetCallerIdentity"]);
  expect(skipped).toHaveLength(checks.length);
});

describe("zones", () => {
  test("one that the account does not have", async () => {
    expect(await onlyFinding({ production: { zones: ["us-east-1a", "us-east-1b", "us-east-1z"] } })).toMatchObject({
      check: "zones",
      severity: "error",
      what: "zone us-east-1z",
      fix: "choose zones of environments/production.ts among us-east-1a (use1-az6), us-east-1b (use1-az1), us-east-1c (use1-az2)",
    });
  });

  test("use1-az3, by its id, whatever its name", async () => {
    const { findings } = await run({ production: { zones: ["us-east-1a", "us-east-1b", "us-east-1e"] } });
    expect(findings).toMatchObject([
      {
        check: "zones",
        what: "zone us-east-1e",
        got: "it is use1-az3 in this account, which offers few instance types",
      },
    ]);
  });
});

describe("the database", () => {
  test("a minor version that was never there, with those that are offered", async () => {
    expect(await onlyFinding({ production: { database: { engineVersion: "15.99" } } })).toMatchObject({
      check: "database",
      severity: "error",
      what: "PostgreSQL 15.99 on db.r5.large",
      got: "RDS offers 15.13, 15.14",
      fix: 'set database.engineVersion of environments/production.ts to "15", or to one that is offered',
    });
  });

  test("a minor version is compared by number and not by letter", async () => {
    const versions = ["15.10", "15.9"].map((version) => orderable(version, "db.r5.large"));
    const answers = { "rds.DescribeOrderableDBInstanceOptions": () => ({ OrderableDBInstanceOptions: versions }) };
    const finding = await onlyFinding({ answers, production: { database: { engineVersion: "15.1" } } });
    expect(finding.got).toBe("RDS offers 15.9, 15.10");
  });

  test("a class that runs no PostgreSQL, with those of its size that do", async () => {
    expect(await onlyFinding({ production: { size: { databaseInstanceClass: "db.m3.large" } } })).toMatchObject({
      what: "database class db.m3.large",
      got: "RDS offers it with no version of PostgreSQL in us-east-1",
      fix: "use one of db.m5.large, db.r5.large",
    });
  });

  test("offered in one zone of ours, where a standby needs two", async () => {
    const option = orderable("15.14", "db.r5.large", ["us-east-1a", "us-east-1f"]);
    const answers = { "rds.DescribeOrderableDBInstanceOptions": () => ({ OrderableDBInstanceOptions: [option] }) };
    expect(await onlyFinding({ answers })).toMatchObject({
      what: "db.r5.large with PostgreSQL 15, Multi-AZ",
      got: "RDS offers it in us-east-1a, us-east-1f",
      needed: "at least 2 of the zones us-east-1a, us-east-1b, us-east-1c, encrypted, on gp3",
    });
    expect((await run({ answers, production: { size: { databaseMultiAz: false } } })).findings).toEqual([]);
  });

  test("every page of what is offered is read", async () => {
    const pages = [
      { OrderableDBInstanceOptions: [orderable("14.19", "db.r5.large")], Marker: "2" },
      { OrderableDBInstanceOptions: [orderable("15.14", "db.r5.large")] },
    ];
    const { findings } = await run({
      answers: { "rds.DescribeOrderableDBInstanceOptions": ({ Marker }) => pages[Marker === "2" ? 1 : 0] ?? {} },
    });
    expect(findings).toEqual([]);
  });
});

test("the cache's type is not offered", async () => {
  expect(await onlyFinding({ production: { size: { redisNodeType: "cache.m4.large" } } })).toMatchObject({
    check: "cache",
    what: "cache node type cache.m4.large",
    fix: "set size.redisNodeType of environments/production.ts to one of cache.r5.large, cache.r6g.large",
  });
});

test("the log store's types are not offered, data nodes and masters; masters only where there are any", async () => {
  const size = {
    elasticsearchInstanceType: "m7x.large.elasticsearch",
    elasticsearchMasterInstanceType: "x9.large.elasticsearch",
  };
  const { findings } = await run({ production: { size } });
  expect(findings.map(({ what, fix }) => [what, fix])).toEqual([
    [
      "log store type m7x.large.elasticsearch",
      // i3 has no gp3 volumes, and an environment may not have it.
      "set size.elasticsearchInstanceType of environments/production.ts to one of m5.large.elasticsearch, r5.large.elasticsearch",
    ],
    [
      "log store type x9.large.elasticsearch",
      "set size.elasticsearchMasterInstanceType of environments/production.ts to one of i3.large.elasticsearch, m5.large.elasticsearch, r5.large.elasticsearch",
    ],
  ]);
  const without = await run({ production: { size, elasticsearch: { dedicatedMasterCount: 0 } } });
  expect(without.findings).toHaveLength(1);
});

describe("quotas", () => {
  test("Fargate: a new account's 6 do not hold production's window with a release in it", async () => {
    expect(await onlyFinding({ answers: quotas({ "L-3032A538": 6 }) })).toEqual({
      check: "Fargate quota",
      severity: "error",
      what: "Fargate On-Demand vCPU in us-east-1",
      got: "6",
      needed: "33: 16 API tasks of 1 vCPU, twice while a release replaces them, and Logstash's 1",
      fix: "aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 --desired-value 33 --region us-east-1",
    });
    expect((await run({ answers: quotas({ "L-3032A538": 33 }) })).findings).toEqual([]);
    expect((await run({ answers: quotas({ "L-3032A538": 32.9 }) })).findings).toHaveLength(1);
  });

  test("Fargate: enough for the environment and too few for all of the account warns", async () => {
    const here = environments.map((each) => ({ ...each, accountId: "222222222222" }));
    const world = { answers: quotas({ "L-3032A538": 40, "L-36FBB829": 0 }), options: { environments: here } };
    const { findings, ok } = await run(world);
    expect(ok).toBe(false);
    expect(findings.map(({ severity, what }) => [severity, what])).toEqual([
      ["warning", "Fargate On-Demand vCPU in us-east-1"],
      ["error", "Fargate Spot vCPU in us-east-1"],
    ]);
    expect(findings[0]?.needed).toMatch(/^\d+: every environment of the account at its largest \(production 33, /);
  });

  describe("Fargate, beside what runs in the account now", () => {
    /** Usage by class, and the tasks of clusters by name: vCPUs on demand, or on Spot. */
    const usage = (
      used: { readonly OnDemand?: number; readonly Spot?: number },
      clusters: Readonly<Record<string, readonly { readonly vcpu: number; readonly spot?: boolean }[]>> = {},
    ): Partial<Answers> => ({
      "cloudwatch.GetMetricStatistics": ({ Dimensions = [] }) => {
        const capacity = Dimensions.find(({ Name }) => Name === "Class")?.Value?.replace("Standard/", "");
        const now = used[capacity as "OnDemand" | "Spot"];
        const at = (minutes: number, Maximum: number) => ({ Timestamp: new Date(minutes * 60_000), Maximum });
        return { Datapoints: now === undefined ? [] : [at(10, now), at(5, 1000)] };
      },
      "ecs.ListTasks": ({ cluster = "" }) =>
        clusters[cluster]
          ? { taskArns: clusters[cluster].map((_, index) => `${cluster}/${index}`) }
          : refuse("ecs.ListTasks", "ClusterNotFoundException"),
      "ecs.DescribeTasks": ({ cluster = "", tasks = [] }) => ({
        tasks: tasks.map((arn) => {
          const { vcpu = 0, spot = false } = clusters[cluster]?.[Number(arn.split("/")[1])] ?? {};
          return {
            launchType: "FARGATE" as const,
            cpu: String(1024 * vcpu),
            ...(spot ? { capacityProviderName: "FARGATE_SPOT" } : {}),
          };
        }),
      }),
    });

    test("others leave too little: both figures are named, and what to ask for", async () => {
      const quota = { "L-3032A538": 40 };
      expect(await onlyFinding({ answers: { ...quotas(quota), ...usage({ OnDemand: 7.25 }) } })).toEqual({
        check: "Fargate quota",
        severity: "error",
        what: "Fargate On-Demand vCPU in us-east-1",
        got: "40",
        needed:
          "40.25: 33 beside 7.25 that other workloads use now; 16 API tasks of 1 vCPU, twice while a release replaces them, and Logstash's 1",
        fix: "aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-3032A538 --desired-value 41 --region us-east-1",
      });
      expect((await run({ answers: { ...quotas(quota), ...usage({ OnDemand: 7 }) } })).findings).toEqual([]);
    });

    test("our own tasks are not others', and those of more than one request are counted", async () => {
      const tasks = Array.from({ length: 120 }, () => ({ vcpu: 0.5 }));
      const quota = quotas({ "L-3032A538": 33 });
      const { findings, asked } = await run({
        answers: { ...quota, ...usage({ OnDemand: 60 }, { skymanuals: tasks }) },
      });
      expect(findings).toEqual([]);
      expect(asked.filter(({ operation }) => operation === "ecs.DescribeTasks")).toHaveLength(2);
      const one = await run({ answers: { ...quota, ...usage({ OnDemand: 61 }, { skymanuals: tasks }) } });
      expect(one.findings[0]?.needed).toMatch(/^34: 33 beside 1 that other workloads use now; /);
    });

    test("tasks of the account's other environments are others' for this one, and count once for all together", async () => {
      const here = environments.map((each) => ({ ...each, accountId: "222222222222" }));
      const clusters = { "skymanuals-staging": [{ vcpu: 4 }, { vcpu: 0.25, spot: true }] };
      const world = (quota: number) => ({
        answers: { ...quotas({ "L-3032A538": quota }), ...usage({ OnDemand: 4, Spot: 0.25 }, clusters) },
        options: { environments: here },
      });
      expect((await run(world(36))).findings[0]?.needed).toMatch(/^37: 33 beside 4 that other workloads use now; /);
      const [warning] = (await run(world(40))).findings;
      expect(warning).toMatchObject({ severity: "warning" });
      expect(warning?.needed).toMatch(/^\d+: every environment of the account at its largest /);
      const { findings } = await run({
        ...world(40),
        answers: { ...world(40).answers, ...quotas({ "L-36FBB829": 0 }) },
      });
      expect(findings.map(({ what, needed }) => [what, needed])).toEqual([
        ["Fargate Spot vCPU in us-east-1", expect.stringMatching(/^[\d.]+: Logstash's tasks on Spot$/)],
      ]);
    });

    test("no metric: what others use is unknown, not none, and the rest is compared all the same", async () => {
      const report = await run({ answers: { ...quotas({ "L-3032A538": 6 }), ...usage({}) } });
      const what =
        "what other workloads of the account use now, on demand: CloudWatch has no ResourceCount of Fargate's vCPUs in AWS/Usage for the last 15 minutes";
      expect(report.unknown).toEqual([{ check: "Fargate quota", what }]);
      expect(report.findings[0]?.needed).toMatch(/^33: 16 API tasks/);
      expect(report.checks).toContain("Fargate quota");
      expect(formatPreflight(report)).toContain(`\nunknown: Fargate quota: ${what}\n`);
    });
  });

  test("elastic IP addresses: those that the environment has already count once", async () => {
    const named = (Name: string) => ({ Tags: [{ Key: "Name", Value: Name }] });
    const others = [named("skymanuals-staging-nat-1"), named("office"), {}];
    const ours = [1, 2, 3].map((index) => named(`skymanuals-nat-${index}`));
    const of = (Addresses: object[]) => ({ answers: { "ec2.DescribeAddresses": () => ({ Addresses }) } });
    expect(await onlyFinding(of(others))).toMatchObject({
      check: "elastic IP quota",
      got: "5",
      needed: "6: 3 for NAT gateways beside 3 of others",
      fix: expect.stringContaining("--service-code ec2 --quota-code L-0263D0A3 --desired-value 6"),
    });
    expect((await run(of([...ours, ...others.slice(1)]))).findings).toEqual([]);
  });

  test("NAT gateways: the fullest of our zones counts, others' zones do not", async () => {
    const gateways = (zone: string) => ({
      "ec2.DescribeNatGateways": () => ({ NatGateways: Array.from({ length: 5 }, () => ({ SubnetId: "subnet-1" })) }),
      "ec2.DescribeSubnets": () => ({ Subnets: [{ SubnetId: "subnet-1", AvailabilityZone: zone }] }),
    });
    expect(await onlyFinding({ answers: gateways("us-east-1b") })).toMatchObject({
      check: "NAT gateway quota",
      needed: "6: one beside 5 of others in us-east-1b",
    });
    expect((await run({ answers: gateways("us-east-1f") })).findings).toEqual([]);
  });

  test("VPCs: one more, unless it is there", async () => {
    const vpcs = (...names: string[]) => ({
      "ec2.DescribeVpcs": () => ({ Vpcs: names.map((Value) => ({ Tags: [{ Key: "Name", Value }] })) }),
    });
    expect(await onlyFinding({ answers: vpcs("a", "b", "c", "d", "e") })).toMatchObject({
      check: "VPC quota",
      needed: "6: one beside 5 of others",
    });
    expect((await run({ answers: vpcs("a", "b", "c", "d", "skymanuals-vpc") })).findings).toEqual([]);
  });

  test("rules of a group: CloudFront's prefix list counts as 55", async () => {
    const largestGroup = { name: "alb", rules: 110 };
    expect(await onlyFinding({ options: { platform: { ...platform, largestGroup } } })).toMatchObject({
      check: "security group quota",
      got: "60",
      needed: "110: aws_security_group.alb has as many; CloudFront's prefix list counts as 55",
    });
  });

  test("interface endpoints of the VPC", async () => {
    expect(await onlyFinding({ answers: quotas({ "L-29B6F2EB": 4 }) })).toMatchObject({
      check: "endpoint quota",
      needed: "5: network.interfaceEndpoints",
    });
  });

  test("resource policies of CloudWatch Logs: ten others leave no room, unless ours is one of them", async () => {
    const policies = (...names: string[]) => ({
      "logs.DescribeResourcePolicies": () => ({ resourcePolicies: names.map((policyName) => ({ policyName })) }),
    });
    const nine = Array.from({ length: 9 }, (_, index) => `other-${index}`);
    expect(await onlyFinding({ answers: policies(...nine, "tenth") })).toMatchObject({ check: "log policy quota" });
    expect((await run({ answers: policies(...nine, "skymanuals-elasticsearch-logs") })).findings).toEqual([]);
  });
});

describe("VPC origins", () => {
  const role = "AWSServiceRoleForCloudFrontVPCOrigin";
  const withRole: Partial<Answers> = {
    "iam.GetRole": ({ RoleName }) =>
      ({ Role: { RoleName, Tags: [{ Key: "ManagedBy", Value: "terraform" }] } }) as OutputOf<"iam.GetRole">,
  };
  const of = (answers: Partial<Answers> = {}, production: World["production"] = {}): World => ({
    answers: { ...withRole, ...answers },
    production: { edge: { origin: "vpc" }, ...production },
  });
  const named = (...names: string[]) => ({ "cloudfront.ListVpcOrigins": () => vpcOrigins(names) });
  const others = (count: number) => Array.from({ length: count }, (_, index) => `other-${index}`);

  test("asked in us-east-1 while one is used, or stands by", async () => {
    for (const edge of [{ origin: "vpc" as const }, { standby: true }]) {
      const { findings, asked, skipped } = await run(of({}, { edge }));
      expect(findings).toEqual([]);
      expect(skipped.map(({ check }) => check)).toEqual(["certificates"]);
      expect(asked).toContainEqual({ operation: "cloudfront.ListVpcOrigins", input: {}, region: "us-east-1" });
    }
  });

  test("one beside 25 of others is one too many by default; our own counts once", async () => {
    expect(await onlyFinding(of(named(...others(25))))).toEqual({
      check: "VPC origins",
      severity: "warning",
      what: "VPC origins of the account",
      got: "25 by default; whether AWS raised it, no operation tells",
      needed: "26: 1 beside 25 of others",
      fix: 'delete one that is not used (aws cloudfront list-vpc-origins), or have AWS raise "VPC origins per AWS account" by a support case',
    });
    expect((await run(of(named(...others(24), "skymanuals-https")))).findings).toEqual([]);
    // Without a domain another origin is made before the one over HTTPS goes.
    expect((await onlyFinding(of(named(...others(24), "skymanuals-https"), { domain: null }))).needed).toBe(
      "26: 2 beside 24 of others",
    );
  });

  test("a zone that has none, by its id", async () => {
    const zones = {
      "ec2.DescribeAvailabilityZones": () => ({
        AvailabilityZones: [
          { ZoneName: "ap-northeast-1a", ZoneId: "apne1-az4", State: "available" as const },
          { ZoneName: "ap-northeast-1c", ZoneId: "apne1-az3", State: "available" as const },
        ],
      }),
      "rds.DescribeOrderableDBInstanceOptions": () => ({
        OrderableDBInstanceOptions: [orderable("15.14", "db.r5.large", ["ap-northeast-1a", "ap-northeast-1c"])],
      }),
    };
    const here = { region: "ap-northeast-1" as const, zones: ["ap-northeast-1a", "ap-northeast-1c"] };
    const { findings } = await run(of(zones, { edge: { origin: "vpc" }, ...here }));
    expect(findings.filter(({ check }) => check === "VPC origins")).toEqual([
      {
        check: "VPC origins",
        severity: "error",
        what: "VPC origin in zone ap-northeast-1c",
        got: "it is apne1-az3 in this account, where CloudFront has no VPC origins",
        needed: "subnets of the load balancer in other zones",
        fix: 'choose another zone for environments/production.ts, or set edge.origin to "public"',
      },
    ]);
  });

  test("use1-az3 is reported once, as a zone that offers little of anything", async () => {
    const { findings } = await run(
      of({}, { edge: { origin: "vpc" }, zones: ["us-east-1a", "us-east-1b", "us-east-1e"] }),
    );
    expect(findings.map(({ check }) => check)).toEqual(["zones"]);
  });

  test("a region that has none", async () => {
    const { findings } = await run(of({}, { edge: { origin: "vpc" }, region: "ap-southeast-6" }));
    expect(findings.find(({ check }) => check === "VPC origins")).toMatchObject({
      severity: "error",
      what: "VPC origin in ap-southeast-6",
      fix: 'set edge.origin of environments/production.ts to "public", and edge.standby to false',
    });
  });

  test("CloudFront creates its role with the first one, if the apply may: that is said, and is no finding", async () => {
    const { findings, unknown, ok } = await run({ production: { edge: { origin: "vpc" } } });
    expect([findings, ok]).toEqual([[], true]);
    expect(unknown).toEqual([
      {
        check: "VPC origins",
        what: `the account has no role ${role} yet: CloudFront creates it with the first VPC origin, where the credentials of the apply have iam:CreateServiceLinkedRole for vpcorigin.cloudfront.amazonaws.com`,
      },
    ]);
  });
});

describe("names", () => {
  const chunks = "production-skymanuals-chunks";

  test("a bucket of another account", async () => {
    const answers = {
      "s3.HeadBucket": ({ Bucket = "" }) =>
        Bucket === chunks ? refuse("s3.HeadBucket", "403") : refuse("s3.HeadBucket", "404"),
    };
    expect(await onlyFinding({ answers })).toMatchObject({
      check: "bucket names",
      what: `bucket ${chunks}`,
      got: "S3 answers 403: it is another account's, or these credentials lack s3:ListBucket",
      fix: `give names.chunksBucket of environments/production.ts another name, such as ${chunks}-222222222222`,
    });
  });

  test("a bucket of another account that everybody may read, and one of ours in another region", async () => {
    const own = {
      "s3.ListBuckets": () => ({ Buckets: [{ Name: "skymanuals-terraform-state-222222222222" }, { Name: chunks }] }),
    };
    const { findings } = await run({
      answers: {
        ...own,
        "s3.HeadBucket": ({ Bucket = "" }) => (Bucket === chunks ? refuse("s3.HeadBucket", "PermanentRedirect") : {}),
      },
    });
    expect(findings.map(({ what, got }) => [what, got])).toEqual([
      [`bucket ${chunks}`, "this account has it in another region"],
      ["bucket production-skymanuals-logs", "it is another account's"],
      ["bucket production-skymanuals-audit", "it is another account's"],
      ["bucket production-skymanuals-log-archive", "it is another account's"],
      ["bucket production-skymanuals-log-snapshots", "it is another account's"],
    ]);
    expect(
      (
        await run({
          answers: {
            ...own,
            "s3.HeadBucket": ({ Bucket }) => (Bucket === chunks ? {} : refuse("s3.HeadBucket", "NotFound")),
          },
        })
      ).findings,
    ).toEqual([]);
  });

  test("the state's bucket is not there, unless it is applied in the same run", async () => {
    const answers = { "s3.ListBuckets": () => ({ Buckets: [] }) };
    expect(await onlyFinding({ answers })).toMatchObject({
      what: "state bucket skymanuals-terraform-state-222222222222",
      got: "there is none",
      fix: "npx cdktf deploy skymanuals-state-production",
    });
    expect((await run({ answers, options: { accountFollows: true } })).findings).toEqual([]);
  });

  test("a secret that waits to be deleted, if the platform has one of its name", async () => {
    const DeletedDate = new Date("2026-12-25T00:00:00Z");
    const answers = {
      "secretsmanager.ListSecrets": () => ({
        SecretList: [
          { Name: "skymanuals/database-password", DeletedDate },
          { Name: "skymanuals/of-an-older-version", DeletedDate },
        ],
      }),
    };
    expect(await onlyFinding({ answers })).toMatchObject({
      check: "secret names",
      what: "secret skymanuals/database-password",
      got: "it was deleted, and is kept until 2026-12-25 at least",
      fix: expect.stringMatching(
        /^aws secretsmanager restore-secret --secret-id skymanuals\/database-password --region us-east-1/,
      ),
    });
  });
});

describe("the domain", () => {
  test("there is no public zone to look up", async () => {
    const answers = {
      "route53.ListHostedZonesByName": () => ({
        HostedZones: [
          { Id: "Z2", Name: "skymanuals.com.", CallerReference: "x", Config: { PrivateZone: true } },
          { Id: "Z3", Name: "skymanuals.dev.", CallerReference: "x" },
        ],
        IsTruncated: false,
        MaxItems: 100,
      }),
    };
    expect(await onlyFinding({ answers })).toMatchObject({
      check: "delegation",
      what: "hosted zone skymanuals.com",
      got: "the account has no public one",
    });
    const created = await run({ answers, production: { domain: { zone: "create" } } });
    expect(created.findings).toEqual([]);
    expect(created.skipped.map(({ check }) => check)).toContain("delegation");
  });

  test("the parent delegates to other name servers, or to none", async () => {
    expect(await onlyFinding({ options: { nameServers: async () => ["ns1.registrar.example"] } })).toMatchObject({
      severity: "error",
      what: "delegation of skymanuals.com",
      got: "ns1.registrar.example",
      needed: expect.stringMatching(/^ns-1\.awsdns-01\.com, ns-2\.awsdns-02\.net: /),
    });
    const unknown = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
    expect(await onlyFinding({ options: { nameServers: unknown } })).toMatchObject({
      got: "the public DNS knows no name servers",
    });
  });

  test("name servers are compared in any order and spelling; a DNS that is not reached is no finding", async () => {
    const spelled = async () => [...nameServers].reverse().map((name) => `${name.toUpperCase()}.`);
    expect((await run({ options: { nameServers: spelled } })).findings).toEqual([]);
    const unreached = () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" }));
    const { findings, skipped } = await run({ options: { nameServers: unreached } });
    expect(findings).toEqual([]);
    expect(skipped).toContainEqual({
      check: "delegation",
      reason: "the public DNS did not answer for skymanuals.com: ECONNREFUSED",
    });
  });

  const viewerCertificateArn = "arn:aws:acm:us-east-1:222222222222:certificate/v";
  const originCertificateArn = "arn:aws:acm:us-east-1:222222222222:certificate/o";

  test("certificates that are not issued, or do not carry the name; the viewers' is asked of us-east-1", async () => {
    const { findings, asked } = await run({
      production: { domain: { viewerCertificateArn, originCertificateArn } },
      answers: {
        "acm.DescribeCertificate": ({ CertificateArn }) => ({
          Certificate:
            CertificateArn === viewerCertificateArn
              ? { Status: "PENDING_VALIDATION", DomainName: "api.skymanuals.com" }
              : { Status: "ISSUED", DomainName: "origin.skymanuals.com" },
        }),
      },
    });
    expect(findings).toMatchObject([
      { check: "certificates", what: `certificate ${viewerCertificateArn}`, got: "PENDING_VALIDATION" },
      {
        what: `certificate ${originCertificateArn}`,
        got: "it carries origin.skymanuals.com",
        fix: "request one that carries api.skymanuals.com too, or set domain.originCertificateArn to null",
      },
    ]);
    expect(asked.find(({ operation }) => operation === "acm.DescribeCertificate")?.region).toBe("us-east-1");
  });

  test("a certificate that is gone, and a wildcard that carries one label only", async () => {
    const gone = { "acm.DescribeCertificate": () => refuse("acm.DescribeCertificate", "ResourceNotFoundException") };
    expect(await onlyFinding({ answers: gone, production: { domain: { viewerCertificateArn } } })).toMatchObject({
      got: "there is none in us-east-1",
    });
    const wildcard = {
      "acm.DescribeCertificate": () => ({ Certificate: { Status: "ISSUED" as const, DomainName: "*.skymanuals.com" } }),
    };
    const at = (apiName: string) => ({ answers: wildcard, production: { domain: { viewerCertificateArn, apiName } } });
    expect((await run(at("api.skymanuals.com"))).findings).toEqual([]);
    expect((await run(at("v1.api.skymanuals.com"))).findings).toHaveLength(1);
  });
});

describe("the service-linked role", () => {
  const roles = (...names: string[]) => ({
    "iam.GetRole": ({ RoleName = "" }: { RoleName: string | undefined }) =>
      names.includes(RoleName) ? { Role: { RoleName } as never } : refuse("iam.GetRole", "NoSuchEntityException"),
  });
  const account = (origin: "create" | "adopt") => ({
    accounts: accounts.map((entry) => ({
      ...entry,
      singletons: { ...entry.singletons, elasticsearchServiceLinkedRole: origin },
    })),
  });

  test("it is missing, and the account's stack creates it", async () => {
    expect(await onlyFinding({ answers: roles() })).toMatchObject({
      check: "service-linked role",
      got: "the account does not have it",
      fix: "npx cdktf deploy skymanuals-account-production, which creates it",
    });
    expect((await run({ answers: roles(), options: { accountFollows: true } })).findings).toEqual([]);
  });

  test("it is to be adopted where the account has OpenSearch's only", async () => {
    const answers = roles("AWSServiceRoleForAmazonOpenSearchService");
    expect(await onlyFinding({ answers, options: { ...account("adopt"), accountFollows: true } })).toMatchObject({
      got: "the account has only AWSServiceRoleForAmazonOpenSearchService, which is for OpenSearch",
      fix: 'write "create" for singletons.elasticsearchServiceLinkedRole of environments/accounts.ts, and npx cdktf deploy skymanuals-account-production',
    });
  });

  test("it is to be created where the account has it from elsewhere", async () => {
    const answers = roles("AWSServiceRoleForAmazonElasticsearchService");
    expect(await onlyFinding({ answers })).toMatchObject({
      got: "the account has it, and not from this project",
      fix: 'write "adopt" for singletons.elasticsearchServiceLinkedRole of environments/accounts.ts',
    });
    expect((await run({ answers, options: account("adopt") })).findings).toEqual([]);
  });
});

describe("images", () => {
  const missing = { "ecr.DescribeImages": () => refuse("ecr.DescribeImages", "ImageNotFoundException") };

  test("the API's in a repository that is given is an error; one in a repository of our own comes after the first apply", async () => {
    const { findings, ok } = await run({ answers: missing });
    expect(ok).toBe(false);
    expect(findings.map(({ severity, what }) => [severity, what])).toEqual([
      ["error", "image 222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api:1.0.0"],
      ["warning", "image 222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-logstash:7.16.3-3"],
    ]);
    const own = await run({ answers: missing, production: { api: { ecrRepositoryUrl: null } } });
    expect(own.ok).toBe(true);
    expect(own.findings.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  });

  test("what the last release wrote is looked for, a digest too", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const { asked } = await run({ answers: { "ssm.GetParameter": () => ({ Parameter: { Value: digest } }) } });
    expect(asked).toContainEqual({
      operation: "ecr.DescribeImages",
      input: {
        registryId: "222222222222",
        repositoryName: "skymanuals-api",
        imageIds: [{ imageDigest: digest }],
      },
      region: "us-east-1",
    });
  });

  test("the emulator is not asked", async () => {
    const { asked, skipped } = await run({ answers: missing, options: { emulated: true } });
    expect(asked.map(({ operation }) => operation)).not.toContain("ecr.DescribeImages");
    expect(skipped.map(({ check }) => check)).toEqual(["VPC origins", "delegation", "certificates", "images"]);
  });
});

describe("scaling windows", () => {
  const at = (now: string, window: { start: string; end: string; timezone?: string }) => ({
    production: {
      api: { scheduledScaling: [{ name: "audit", timezone: "UTC", minimum: 4, maximum: 8, ...window }] },
    },
    options: { now: new Date(now) },
  });
  const winter = { start: "at(2027-02-03T22:00:00)", end: "at(2027-02-04T02:00:00)" };

  test("one that is over is refused, and one to come is not", async () => {
    expect((await run(at("2027-02-03T21:59:00Z", winter))).findings).toEqual([]);
    expect(await onlyFinding(at("2027-02-04T02:00:00Z", winter))).toEqual({
      check: "scaling windows",
      severity: "error",
      what: "api.scheduledScaling[0], audit",
      got: "over at 2027-02-04T02:00:00.000Z: start at(2027-02-03T22:00:00), end at(2027-02-04T02:00:00) in UTC",
      needed: "times to come: Application Auto Scaling refuses to schedule what is over",
      fix: "remove the window from environments/production.ts, or name later times",
    });
  });

  test("one that is open warns: its start was scheduled in time, or is refused now", async () => {
    expect(await onlyFinding(at("2027-02-04T01:59:00Z", winter))).toMatchObject({
      severity: "warning",
      got: "over at 2027-02-04T01:59:00.000Z: start at(2027-02-03T22:00:00) in UTC",
    });
  });

  test.each([
    ["Asia/Tokyo", "2027-02-03T16:59:00Z", 1],
    ["Asia/Tokyo", "2027-02-03T17:00:00Z", 0],
    ["America/New_York", "2027-02-04T06:59:00Z", 1],
    ["America/New_York", "2027-02-04T07:00:00Z", 0],
  ])("in %s the clock is another one: at %s", async (timezone, now, open) => {
    const { findings } = await run(at(now, { ...winter, timezone }));
    expect(findings.map(({ severity }) => severity)).toEqual([open === 1 ? "warning" : "error"]);
  });

  test("summer time counts, and on the day of the change too", async () => {
    const summer = { start: "at(2027-03-14T00:30:00)", end: "at(2027-03-14T12:00:00)", timezone: "America/New_York" };
    expect((await run(at("2027-03-14T15:59:00Z", summer))).findings).toMatchObject([{ severity: "warning" }]);
    expect((await run(at("2027-03-14T16:00:00Z", summer))).findings).toMatchObject([{ severity: "error" }]);
    expect((await run(at("2027-03-14T05:29:00Z", summer))).findings).toEqual([]);
  });

  test("a cron of certain years is over after the last of its times, one of every year never", async () => {
    const certain = { start: "cron(0 1 31 12 ? 2027)", end: "cron(0 4 31 12 ? 2027)" };
    expect((await run(at("2027-12-30T00:00:00Z", certain))).findings).toEqual([]);
    expect((await run(at("2028-01-01T00:00:00Z", certain))).findings).toMatchObject([{ severity: "error" }]);
    const always = { start: "cron(45 3 ? * SUN *)", end: "cron(15 6 ? * SUN *)" };
    expect((await run(at("2199-01-01T00:00:00Z", always))).findings).toEqual([]);
  });
});

describe("what AWS does not answer", () => {
  test("a permission that is lacking is a finding with its name, and the other checks go on", async () => {
    const denied = (operation: Operation, code: string) => () => refuse(operation, code);
    const { findings, checks: made } = await run({
      answers: {
        "s3.ListBuckets": denied("s3.ListBuckets", "AccessDenied"),
        "ec2.DescribeVpcs": denied("ec2.DescribeVpcs", "UnauthorizedOperation"),
        ...quotas({ "L-3032A538": 6 }),
      },
    });
    expect(findings.map(({ check, needed }) => [check, needed.split(":").slice(0, 2).join(":")])).toEqual([
      ["Fargate quota", expect.stringMatching(/^33/)],
      ["VPC quota", "the permission ec2:DescribeVpcs"],
      ["bucket names", "the permission s3:ListAllMyBuckets"],
    ]);
    expect(findings[1]).toMatchObject({
      severity: "error",
      what: "could not be asked",
      got: "ec2.DescribeVpcs: UnauthorizedOperation: message of AWS",
      fix: "give the credentials the policy of docs/preflight.md",
    });
    expect(made).toContain("secret names");
  });

  test("no credentials at all", async () => {
    const answers = { "sts.GetCallerIdentity": () => refuse("sts.GetCallerIdentity", "CredentialsProviderError") };
    expect(await onlyFinding({ answers })).toMatchObject({
      check: "credentials",
      fix: "log in, such as aws sso login, or export AWS_PROFILE=<profile>",
    });
  });

  test("a fault of our own is thrown, and is no finding", async () => {
    const answers = {
      "ec2.DescribeVpcs": () => {
        throw new TypeError("ours");
      },
    };
    await expect(run({ answers })).rejects.toThrow(TypeError);
  });

  test("every operation that a check asks stands in its list, from which the policy is made", async () => {
    const worlds = [
      {},
      { answers: quotas() },
      { production: { edge: { origin: "vpc" as const } } },
      { answers: { "ecs.ListTasks": () => ({ taskArns: ["t"] }) } },
      { production: { size: { elasticsearchInstanceType: "x9.large.elasticsearch" } } },
      {
        production: { domain: { viewerCertificateArn: "arn:aws:acm:us-east-1:222222222222:certificate/v" } },
        answers: {
          "ec2.DescribeNatGateways": () => ({ NatGateways: [{ SubnetId: "subnet-1" }] }),
        },
      },
    ];
    const asked = (await Promise.all(worlds.map(run))).flatMap((report) =>
      report.asked.map(({ operation }) => operation),
    );
    const listed = new Set(["sts.GetCallerIdentity", ...checks.flatMap(({ asks }) => asks)]);
    expect(new Set(asked)).toEqual(listed);
  });
});

test("docs/preflight.md has the policy with exactly the permissions that the checks need", () => {
  const page = readFileSync(join(__dirname, "../../../docs/preflight.md"), "utf8");
  const [, json = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  expect(JSON.parse(json)).toEqual({
    Version: "2012-10-17",
    Statement: [{ Sid: "Preflight", Effect: "Allow", Action: permissions(), Resource: "*" }],
  });
  for (const name of checks.map((check) => check.name)) {
    expect(page).toContain(`| ${name} |`);
  }
});

test("a person reads errors first, four lines each, and a line of counts", async () => {
  const report = await run({
    answers: {
      ...quotas({ "L-3032A538": 6 }),
      "ecr.DescribeImages": ({ repositoryName }) =>
        repositoryName === "skymanuals-logstash" ? refuse("ecr.DescribeImages", "ImageNotFoundException") : {},
    },
  });
  const lines = formatPreflight(report).split("\n");
  expect(lines.filter((line) => /^(error|warning) /.test(line))).toEqual([
    "error  Fargate quota: Fargate On-Demand vCPU in us-east-1",
    "warning  images: image 222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-logstash:7.16.3-3",
  ]);
  expect(lines.slice(1, 4).map((line) => line.slice(0, 10))).toEqual(["  got     ", "  needed  ", "  fix     "]);
  expect(lines.at(-1)).toBe("production (account 222222222222, us-east-1): 18 checks, 1 error, 1 warning.");
});
