import type { Widget } from "../../constructs/dashboard";
import { sizes } from "../../environments/sizes";
import { exampleSvg } from "../../scripts/dashboard/svg";
import { synthesizeProduction } from "../support/environments";
import type { Synthesized } from "../support/synth";

const stack = synthesizeProduction();

function widgetsOf(synthesized: Synthesized): Widget[] {
  const { dashboard_body } = synthesized.resource("aws_cloudwatch_dashboard.skymanuals");
  return (JSON.parse(String(dashboard_body)) as { readonly widgets: Widget[] }).widgets;
}

const widgets = widgetsOf(stack);

function titled(title: string): Widget["properties"] {
  const found = widgets.find(({ properties }) => properties.title === title);
  if (!found) {
    throw new Error(`no widget ${title}`);
  }
  return found.properties;
}

test("it is named after the environment's prefix", () => {
  expect(stack.resource("aws_cloudwatch_dashboard.skymanuals").dashboard_name).toBe("skymanuals");
});

test("from top to bottom: users, service, stores, queue, log store, copies, cost", () => {
  expect(widgets.flatMap(({ type, properties }) => (type === "text" ? [properties.markdown] : []))).toEqual([
    "## What users feel",
    "## The API",
    "## The database and the cache",
    "## The chain of custody",
    "## The log store",
    "## The copy in the recovery region",
    "## What it costs",
  ]);
});

test("B19: the documented widget names the cluster of the service", () => {
  const dimensions = [
    "ClusterName",
    "${aws_ecs_cluster.skymanuals.name}",
    "ServiceName",
    "${aws_ecs_service.api.name}",
  ];
  expect(titled("ECS Service Metrics")).toMatchObject({
    region: "${var.aws_region}",
    period: 300,
    metrics: ["CPUUtilization", "MemoryUtilization"].map((name) => [
      "AWS/ECS",
      name,
      ...dimensions,
      { label: name, stat: "Average" },
    ]),
  });
});

test("what serves CloudFront, and the account's charges, are looked up in us-east-1", () => {
  const elsewhere = widgets.filter(({ properties }) => properties.region === "us-east-1");
  expect(elsewhere.map(({ properties }) => properties.title)).toEqual([
    "Share of errors at CloudFront (%)",
    "Requests at the firewall a minute",
    "The account's month so far (USD)",
  ]);
});

test("the copies' lag is looked up in their region, their failures in the source's", () => {
  const rule = (destination: string, bucket: string) => [
    "SourceBucket",
    `\${aws_s3_bucket.${bucket}.bucket}`,
    "DestinationBucket",
    destination,
    "RuleId",
    "recovery",
  ];
  expect(titled("Age of what is not copied (s)")).toMatchObject({
    region: "us-west-2",
    metrics: [
      [
        "AWS/S3",
        "ReplicationLatency",
        ...rule("production-dr-skymanuals-chunks", "chunks"),
        { label: "Chunks", stat: "Maximum" },
      ],
      [
        "AWS/S3",
        "ReplicationLatency",
        ...rule("production-dr-skymanuals-audit", "audit"),
        { label: "Custody records", stat: "Maximum" },
      ],
    ],
  });
  expect(titled("Not copied yet (bytes)")).toMatchObject({ region: "us-west-2" });
  expect(titled("Copies that failed")).toMatchObject({ region: "${var.aws_region}" });
});

test("no widget lies on another, or outside of the 24 columns", () => {
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, index) => `${x + (index % width)},${y + Math.floor(index / width)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...widgets.map(({ x, width }) => x + width))).toBe(24);
});

/** What an alarm watches and no graph shows, by address or by type, with the reason. */
const notShown: Readonly<Record<string, string>> = {
  aws_acm_certificate_validation: "an alarm is enough",
  aws_backup_vault: "an alarm is enough: a backup is made once a month",
  aws_cloudwatch_log_group: "what comes into the groups and out of their stream is shown",
  aws_nat_gateway: "an alarm is enough",
  aws_sns_topic: "an alarm is enough",
};

test("every resource that an alarm watches has a graph, or a reason why it has none", () => {
  const large = synthesizeProduction({ size: sizes.large });
  const alarms = JSON.stringify(
    large.resources("aws_cloudwatch_metric_alarm").map(({ config: { metric_query, dimensions } }) => ({
      metric_query,
      dimensions,
    })),
  );
  const body = JSON.stringify(widgetsOf(large));
  const watched = large
    .resources()
    .filter(({ address }) => alarms.includes(`\${${address}.`) || alarms.includes(`(${address}[*]`));
  expect(watched.length).toBeGreaterThan(15);
  const missing = watched.filter(
    ({ address, type }) => !body.includes(`\${${address}.`) && !notShown[address] && !notShown[type],
  );
  expect(missing.map(({ address }) => address)).toEqual([]);
  const unused = Object.keys(notShown).filter(
    (line) => !watched.some(({ address, type }) => [address, type].includes(line)),
  );
  expect(unused).toEqual([]);
});

test("the picture has every widget's title, and no text that would break it", () => {
  const svg = exampleSvg("skymanuals", widgets);
  for (const { properties } of widgets.filter(({ type }) => type === "metric")) {
    expect(svg).toContain(`>${String(properties.title).replaceAll("&", "&amp;")}</text>`);
  }
  expect(svg).not.toContain("NaN");
  expect(svg.match(/<polyline /g)).toHaveLength(
    widgets.flatMap(({ properties }) => (properties.metrics as unknown[] | undefined) ?? []).length,
  );
  expect(exampleSvg("skymanuals", widgets)).toBe(svg);
});
