import { readFileSync } from "node:fs";
import { DescribeDBInstancesCommand } from "@aws-sdk/client-rds";
import { findEnvironment, loadEnvironments } from "../../environments";
import type { Environment } from "../../environments/environment";
import { edgeRegion } from "../../facts/regions";
import { connectOverTls } from "../../functions/bootstrap-database/connect";
import type { Progress } from "../command/progress";
import type { Stop } from "../command/stop";
import { type DeployReport, deployLocal } from "../local/deploy";
import { destroyLocal } from "../local/destroy";
import { Emulator } from "../local/emulator";
import type { LocalPaths } from "../local/project";
import { deployedEnvironments, setDeployed } from "../local/session";
import { type DrillResult, drill } from "./drill";
import { type Place, placeOf } from "./place";

export interface RehearsalOptions {
  readonly paths: LocalPaths;
  readonly progress: Progress;
  readonly stop: Stop;
  /** Name of the primary. */
  readonly environment: string;
  readonly port: number | undefined;
  /** Leave a run that this one has deployed. */
  readonly keep: boolean;
}

export interface Rehearsal {
  readonly environment: string;
  readonly standby: string;
  readonly result: DrillResult;
  /** Services whose API the drill left in the lost region, by the emulator's names. */
  readonly kept: readonly string[];
  /** Seconds that deploying primary and pilot light took before; 0 where both stood. */
  readonly preparationSeconds: number;
  /** What goes on running. */
  readonly standing: boolean;
}

/**
 * What CloudFront's certificates, firewall, alarms and their topics need of us-east-1. AWS runs their control planes there, and the
 * recovery environment's edge cannot be created without them: AWS Whitepaper "AWS Fault Isolation Boundaries", "Global services" and
 * "Appendix B - Edge network global service guidance". docs/recovery.md says what follows from it.
 */
export const edgeServices = ["acm", "cloudwatch", "kms", "logs", "sns", "wafv2"] as const;

/**
 * An environment and the one that stands in for it.
 *
 * @throws Error where no other environment stands in for it
 */
export function recoveryPair(name: string): { readonly primary: Environment; readonly standby: Environment } {
  const { environments } = loadEnvironments();
  const primary = findEnvironment(name, environments);
  if (primary.recovery?.type !== "primary") {
    const able = environments.flatMap((each) => (each.recovery?.type === "primary" ? [each.name] : []));
    throw new Error(
      `no environment stands in for ${primary.name}: its recovery is not of type "primary". ` +
        (able.length > 0 ? `Environments that have one: ${able.join(", ")}` : "No environment has one."),
    );
  }
  return { primary, standby: findEnvironment(primary.recovery.standby, environments) };
}

/**
 * Rehearses the loss of an environment's region on the emulator. A run that stands is used, and stays; otherwise both environments are
 * deployed first, and removed at the end.
 *
 * It also throws what `deployLocal` and `destroyLocal` do.
 *
 * @throws Error where no environment stands in, the recovery environment serves already, or a deployment is not in order
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { paths, progress, stop } = options;
  const { primary, standby } = recoveryPair(options.environment);
  const stood = (await Emulator.find(paths.directory)) ? deployedEnvironments(paths.directory) : [];
  const started = performance.now();
  const stands = stood.includes(primary.name);
  if (!stands) {
    // With the pilot light, which is applied before it.
    inOrder(await deployLocal({ ...options, environment: primary.name, variables: {}, importOutside: false }));
  }
  const preparationSeconds = stands ? 0 : secondsSince(started);
  const emulator = await Emulator.running(paths.directory);
  const here = placeOf(primary, emulator.clientConfig);
  const there = placeOf(standby, emulator.clientConfig);
  await refuseServing(there, options);
  const kept = primary.region === edgeRegion ? edgeServices : [];
  const result = await drill({
    id: `drill-${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}`,
    primary: here,
    standby: there,
    connect: connectOverTls([readFileSync(emulator.authority, "utf8")]),
    progress,
    stop,
    patience: 180,
    lose: (region) => emulator.loseRegion(region, kept),
    giveBack: () => emulator.giveRegionsBack(),
    deploy: async (backupArn) => {
      const serve = () =>
        deployLocal({
          ...options,
          environment: standby.name,
          variables: {},
          importOutside: false,
          serving: { environment: standby.name, backupArn },
        });
      const first = await serve();
      const report = lacksPerformanceInsights(first) ? await serve() : first;
      inOrder(report);
      return String(report.outputs.cloudfront_domain_name?.value);
    },
  });
  // It goes with the primary, as its pilot light does.
  setDeployed(paths.directory, standby.name, stood.includes(standby.name));
  const standing = stood.length > 0 || options.keep;
  if (!standing) {
    await destroyLocal({ paths, progress, stop, environment: primary.name, discard: true });
  }
  return { environment: primary.name, standby: standby.name, result, kept, preparationSeconds, standing };
}

/**
 * Whether the restored database is all that is left to change. AWS restores one without Performance Insights, and the provider sets
 * them on a restore to a point in time by its next apply only: hashicorp/terraform-provider-aws #47742, aws/aws-cdk #24726.
 */
function lacksPerformanceInsights({ failures, stacks }: DeployReport): boolean {
  const left = stacks.flatMap(({ differences }) => differences);
  return (
    failures.length === 1 &&
    left.length > 0 &&
    left.every(
      ({ address, attribute }) =>
        address === "aws_db_instance.postgres" && attribute.startsWith("performance_insights_"),
    )
  );
}

function inOrder({ environment, ok, failures }: DeployReport): void {
  if (!ok) {
    throw new Error(`${environment} is not in order: ${failures.join("; ")}`);
  }
}

/** A database that was restored before would hold what was there before, whatever this drill writes. */
async function refuseServing({ clients, database, environment }: Place, { paths }: RehearsalOptions): Promise<void> {
  const { DBInstances = [] } = await clients.rds.send(new DescribeDBInstancesCommand({}));
  if (DBInstances.some(({ DBInstanceIdentifier }) => DBInstanceIdentifier === database)) {
    throw new Error(
      `${environment} serves already: its database ${database} was restored before this drill. ` +
        `Remove everything first: npm run destroy:local -- ${environment} --discard --directory ${paths.directory}`,
    );
  }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
