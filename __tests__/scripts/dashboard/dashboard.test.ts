import type { Widget } from "../../../constructs/dashboard";
import { readDashboard } from "../../../scripts/dashboard/data";
import { liveSvg } from "../../../scripts/dashboard/svg";
import { type Ask, NotAnswered } from "../../../scripts/preflight/aws";

const from = new Date("2026-11-25T09:00:00Z");
const to = new Date("2026-11-25T12:00:00Z");

function graph(title: string, region: string, metrics: readonly unknown[][], limit?: number): Widget {
  return {
    type: "metric",
    x: 0,
    y: 0,
    width: 6,
    height: 6,
    properties: {
      title,
      region,
      period: 60,
      metrics,
      ...(limit === undefined ? {} : { annotations: { horizontal: [{ value: limit }] } }),
    },
  };
}

const widgets: readonly Widget[] = [
  { type: "text", x: 0, y: 0, width: 24, height: 1, properties: { markdown: "## What users feel" } },
  graph("Errors (%)", "us-east-1", [
    ["AWS/CloudFront", "5xxErrorRate", "DistributionId", "E1", "Region", "Global", { label: "5xx", stat: "Average" }],
  ]),
  graph(
    "Response time (s)",
    "eu-west-1",
    ["p90", "p99"].map((stat) => [
      "AWS/ApplicationELB",
      "TargetResponseTime",
      "LoadBalancer",
      "app/a/1",
      { label: stat, stat },
    ]),
    2,
  ),
];

/** CloudWatch with a dashboard `skymanuals`, which answers each line's second page only when it is asked for. */
function cloudwatch(asked: unknown[] = []): Ask {
  return (async (operation: string, input: Record<string, unknown>, region?: string) => {
    if (operation === "cloudwatch.GetDashboard") {
      if (input.DashboardName !== "skymanuals") {
        throw new NotAnswered("cloudwatch.GetDashboard", "ResourceNotFound", new Error("none"));
      }
      return { DashboardBody: JSON.stringify({ widgets }) };
    }
    asked.push({ region, ...input });
    const queries = input.MetricDataQueries as {
      readonly Id: string;
      readonly MetricStat: { readonly Stat: string };
    }[];
    const point = (minute: number, value: number) => ({
      Timestamps: [new Date(from.getTime() + minute * 60_000)],
      Values: [value],
    });
    const values: Record<string, number> = { Average: 0.5, p90: 1, p99: 4 };
    return {
      MetricDataResults: queries.map(({ Id, MetricStat: { Stat } }) => ({
        Id,
        ...(input.NextToken === undefined
          ? point(60, values[Stat] as number)
          : point(120, 2 * (values[Stat] as number))),
      })),
      NextToken: input.NextToken === undefined ? "more" : undefined,
    };
  }) as unknown as Ask;
}

test("each line has its own data, asked for in the region of its graph, all pages of it", async () => {
  const asked: Record<string, unknown>[] = [];
  const { lines } = await readDashboard(cloudwatch(asked), "skymanuals", from, to);
  expect(lines.map((graph) => graph.map((line) => line.map(({ value }) => value)))).toEqual([
    [],
    [[0.5, 1]],
    [
      [1, 2],
      [4, 8],
    ],
  ]);
  expect(asked.map(({ region, NextToken }) => [region, NextToken])).toEqual([
    ["us-east-1", undefined],
    ["us-east-1", "more"],
    ["eu-west-1", undefined],
    ["eu-west-1", "more"],
  ]);
  expect(asked[0]?.MetricDataQueries).toEqual([
    {
      Id: "q0",
      MetricStat: {
        Metric: {
          Namespace: "AWS/CloudFront",
          MetricName: "5xxErrorRate",
          Dimensions: [
            { Name: "DistributionId", Value: "E1" },
            { Name: "Region", Value: "Global" },
          ],
        },
        Period: 60,
        Stat: "Average",
      },
    },
  ]);
});

test("a dashboard that is not there is AWS's own answer", async () => {
  await expect(readDashboard(cloudwatch(), "other", from, to)).rejects.toMatchObject({ code: "ResourceNotFound" });
});

test("the picture has the time, the data at their places, the scale, and the limit on it", async () => {
  const svg = liveSvg("skymanuals", await readDashboard(cloudwatch(), "skymanuals", from, to));
  expect(svg).toContain(">skymanuals: 2026-11-25 09:00 to 2026-11-25 12:00 UTC</text>");
  // The plot is 328 wide from 16 on and 148 high from 38 on; 8 is the highest value, 60 and 120 of 180 minutes are the places.
  expect(svg).toContain('<polyline points="125.3,112.0 234.7,38.0"');
  expect(svg).toContain('<path d="M16 149.0h328" stroke="#d62728"');
  expect(svg).toContain(">8</text>");
  expect(svg).not.toContain("no data");
});

test("a graph without data says so, and one with a single point has a dot", () => {
  const [, errors] = widgets as [Widget, Widget];
  const none = liveSvg("skymanuals", { widgets: [errors], lines: [[[]]], from, to });
  expect(none).toContain(">no data</text>");
  expect(none).not.toContain("polyline");
  const one = liveSvg("skymanuals", { widgets: [errors], lines: [[[{ at: to, value: 3 }]]], from, to });
  expect(one).toContain('<circle cx="344.0" cy="38.0"');
});
