import type { DbInstance } from "@cdktf/provider-aws/lib/db-instance";
import { Fn, Op, TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";
import { connectionsPerGiB, maximumConnections } from "../facts/capacity";
import { databaseClassParts } from "../facts/instance-classes";
import { Alarm, type AlarmProps, type Alerting, metricsOf } from "./parts/alarm";

/** What the thresholds of a database follow: of the class that the variable `database_instance_class` names. */
export class DatabaseClass extends Construct {
  readonly vcpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly connections: number;

  constructor(scope: Construct, id: string, instanceClass: string) {
    super(scope, id);
    const part = (index: number) => Token.asString(Fn.element(Fn.split(".", instanceClass), index));
    const { vcpusBySize, gibPerVcpuByFamily, burstableMemoryGiB } = databaseClassParts;
    const vcpus = new TerraformLocal(this, "database_vcpus", Fn.lookup(vcpusBySize, part(2), 0));
    const memoryGiB = new TerraformLocal(
      this,
      "database_memory_gib",
      Fn.lookup(
        burstableMemoryGiB,
        part(2),
        Op.mul(vcpus.asNumber, Token.asNumber(Fn.lookup(gibPerVcpuByFamily, part(1), 0))),
      ),
    );
    this.vcpus = vcpus.asNumber;
    this.memory = times(memoryGiB.asNumber, gibibyte);
    this.connections = Fn.min([
      maximumConnections,
      Token.asNumber(Fn.floor(times(memoryGiB.asNumber, connectionsPerGiB))),
    ]);
  }
}

export interface RdsAlarmsProps {
  readonly alerting: Alerting;
  /** The beginning of the alarms' labels: `database`, `database_reader_1`. */
  readonly label: string;
  readonly instance: DbInstance;
  readonly instanceClass: DatabaseClass;
  /** It follows another database. */
  readonly replica: boolean;
}

const gibibyte = 2 ** 30;

/**
 * The alarms of one database: thresholds of Amazon CloudWatch User Guide, "Best practice alarm recommendations", RDS. Cost 1.20 USD
 * a month, with a replica's lag 1.30.
 *
 * Not watched: CPU credits, as burstable classes of RDS run unlimited (Amazon RDS User Guide, "DB instance class types"); swap and
 * queue depth, for which AWS has no threshold and which latency shows.
 */
export class RdsAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RdsAlarmsProps,
  ) {
    super(scope, id);
    const { instance, instanceClass } = props;
    const metric = metricsOf("AWS/RDS", { DBInstanceIdentifier: instance.identifier });
    // Grows with the volume: the provider keeps what storage autoscaling made of it.
    const allocated = times(instance.allocatedStorage, gibibyte);

    this.alarm("cpu", "The database's CPU is above 90 %.", {
      watch: metric("CPUUtilization", "Average"),
      comparison: "above",
      threshold: 90,
      missingData: "breaching",
    });
    this.alarm("connections", "The database has nine tenths of the connections that its class can have.", {
      severity: "page",
      watch: metric("DatabaseConnections", "Average"),
      comparison: "above",
      threshold: Token.asNumber(Fn.floor(times(instanceClass.connections, 0.9))),
      missingData: "breaching",
    });
    // Here storage autoscaling begins, too (Amazon RDS User Guide, "Managing capacity automatically with Amazon RDS storage
    // autoscaling"), which may not come for six hours after it came last.
    this.alarm("storage", "The database has less than a tenth of its storage free.", {
      watch: metric("FreeStorageSpace", "Minimum"),
      comparison: "below",
      threshold: times(allocated, 0.1),
      missingData: "breaching",
    });
    this.alarm("storage_full", "The database has less than a twentieth of its storage free: it stops when none is.", {
      severity: "page",
      watch: metric("FreeStorageSpace", "Minimum"),
      comparison: "below",
      threshold: times(allocated, 0.05),
      // The alarm above tells of missing data.
      missingData: "missing",
    });
    this.alarm("memory", "The database has had less than a quarter of its memory free for 15 minutes.", {
      watch: metric("FreeableMemory", "Average"),
      comparison: "below",
      threshold: times(instanceClass.memory, 0.25),
      evaluationPeriods: 15,
      missingData: "breaching",
    });
    this.alarm("load", "More sessions of the database have been at work than it has CPUs, for 15 minutes.", {
      watch: metric("DBLoad", "Average"),
      comparison: "above",
      threshold: instanceClass.vcpus,
      evaluationPeriods: 15,
      missingData: "missing",
    });
    this.alarm("transaction_ids", "The database has used half of its transaction ids: vacuum does not keep up.", {
      watch: metric("MaximumUsedTransactionIDs", "Maximum"),
      comparison: "above",
      threshold: 1e9,
      evaluationPeriods: 1,
      missingData: "missing",
    });
    for (const [label, metricName, verb] of [
      ["read_latency", "ReadLatency", "Reads from"],
      ["write_latency", "WriteLatency", "Writes to"],
    ] as const) {
      this.alarm(label, `${verb} the database's storage take more than 20 ms.`, {
        watch: metric(metricName, "p90"),
        comparison: "above",
        // Seconds.
        threshold: 0.02,
        missingData: "missing",
      });
    }
    for (const [label, metricName, what] of [
      ["throughput_balance", "EBSByteBalance%", "throughput"],
      ["io_balance", "EBSIOBalance%", "operations"],
    ] as const) {
      this.alarm(label, `The database has used nine tenths of its credits for bursts of storage ${what}.`, {
        watch: metric(metricName, "Average"),
        comparison: "below",
        threshold: 10,
        evaluationPeriods: 3,
        // Only classes that burst have the metric.
        missingData: "notBreaching",
      });
    }
    if (props.replica) {
      this.alarm("lag", "A read replica is more than a minute behind the database.", {
        watch: metric("ReplicaLag", "Maximum"),
        comparison: "above",
        threshold: 60,
        evaluationPeriods: 10,
        missingData: "breaching",
      });
    }
  }

  /** A ticket when five data points in a row break the threshold, unless `rest` says otherwise. */
  private alarm(
    label: string,
    description: string,
    rest: Pick<AlarmProps, "watch" | "comparison" | "threshold" | "missingData"> & Partial<AlarmProps>,
  ): void {
    new Alarm(this, `${this.props.label}_${label}`, {
      ...this.props.alerting,
      description,
      // A replica's alarm means what the database's does.
      runbook: `database_${label}`,
      severity: "ticket",
      evaluationPeriods: 5,
      ...rest,
    });
  }
}

function times(factor: number, by: number): number {
  return Token.asNumber(Op.mul(factor, by));
}
