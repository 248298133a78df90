import type { Widget } from "../../constructs/dashboard";
import { type Ask, allPages } from "../preflight/aws";

/** A value of a metric, and the start of its period. */
export interface Point {
  readonly at: Date;
  readonly value: number;
}

/** The points of every line of every graph, in the order of the widgets and of their metrics. */
export type Lines = readonly (readonly (readonly Point[])[])[];

/** A dashboard as it is deployed. */
export interface LiveDashboard {
  readonly widgets: readonly Widget[];
  readonly lines: Lines;
  readonly from: Date;
  readonly to: Date;
}

/** Of one request, CloudWatch API Reference, GetMetricData. */
const mostQueries = 500;

interface Query {
  readonly widget: number;
  readonly line: number;
  readonly region: string;
  readonly stat: { Metric: object; Period: number; Stat: string };
}

/**
 * Reads a deployed dashboard and the data of its graphs.
 *
 * @throws NotAnswered where CloudWatch has no such dashboard (`ResourceNotFound`), or does not answer
 */
export async function readDashboard(ask: Ask, name: string, from: Date, to: Date): Promise<LiveDashboard> {
  const { DashboardBody = "" } = await ask("cloudwatch.GetDashboard", { DashboardName: name });
  const { widgets } = JSON.parse(DashboardBody) as { readonly widgets: readonly Widget[] };
  const queries = widgets.flatMap(queriesOf);
  const lines = widgets.map(({ properties }) =>
    ((properties.metrics as unknown[] | undefined) ?? []).map((): readonly Point[] => []),
  );
  for (const region of new Set(queries.map((query) => query.region))) {
    const here = queries.filter((query) => query.region === region);
    for (let first = 0; first < here.length; first += mostQueries) {
      const some = here.slice(first, first + mostQueries);
      const results = await allPages(
        (operation, input) => ask(operation, input, region),
        "cloudwatch.GetMetricData",
        {
          MetricDataQueries: some.map(({ stat }, index) => ({ Id: `q${index}`, MetricStat: stat as never })),
          StartTime: from,
          EndTime: to,
          ScanBy: "TimestampAscending",
        },
        "NextToken",
        (page) => page.MetricDataResults,
      );
      for (const { Id = "", Timestamps = [], Values = [] } of results) {
        const { widget, line } = some[Number(Id.slice(1))] as Query;
        const found = lines[widget] as (readonly Point[])[];
        const points = Timestamps.map((at, index) => ({ at, value: Values[index] as number }));
        found[line] = [...(found[line] as readonly Point[]), ...points].sort((a, b) => a.at.getTime() - b.at.getTime());
      }
    }
  }
  return { widgets, lines, from, to };
}

/** What a graph's metrics are asked for, as constructs/dashboard.ts writes them: namespace, name, dimensions, and how it is shown. */
function queriesOf({ type, properties }: Widget, widget: number): Query[] {
  if (type !== "metric") {
    return [];
  }
  const { region, period, metrics } = properties as { region: string; period: number; metrics: unknown[][] };
  return metrics.map((metric, line) => {
    const [Namespace, MetricName, ...dimensions] = metric.slice(0, -1) as string[];
    const { stat } = metric.at(-1) as { readonly stat: string };
    const Dimensions = Array.from({ length: dimensions.length / 2 }, (_, index) => ({
      Name: dimensions[2 * index],
      Value: dimensions[2 * index + 1],
    }));
    return {
      widget,
      line,
      region,
      stat: { Metric: { Namespace, MetricName, Dimensions }, Period: period, Stat: stat },
    };
  });
}
