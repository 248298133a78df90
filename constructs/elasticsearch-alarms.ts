import type { ElasticsearchDomain } from "@cdktf/provider-aws/lib/elasticsearch-domain";
import { Op, Token } from "cdktf";
import { Construct } from "constructs";
import { Alarm, type AlarmProps, type Alerting, metricsOf } from "./parts/alarm";

export interface ElasticsearchAlarmsProps {
  readonly alerting: Alerting;
  readonly accountId: string;
  readonly domain: ElasticsearchDomain;
  /** The variable `elasticsearch_instance_count`. */
  readonly instanceCount: number;
  /** 0, 3 or 5. */
  readonly dedicatedMasterCount: number;
  /** The variable `elasticsearch_volume_size`, GiB. */
  readonly volumeSize: number;
}

const minute = 60;
const fiveMinutes = 300;
const quarterHour = 900;
const day = 86_400;

/** Open shards of a data node. Source: Amazon OpenSearch Service Developer Guide, "Choosing the number of shards" (7.x and later). */
const shardsPerNode = 1000;

/**
 * The alarms of the log store. Thresholds: Amazon OpenSearch Service Developer Guide, "Recommended CloudWatch alarms for Amazon
 * OpenSearch Service". All are tickets: while the log store is down nobody but who reads logs is affected, and CloudWatch keeps what
 * is not indexed. Cost 1.40 USD a month, with dedicated masters 1.70.
 *
 * Not watched: KMSKeyError and KMSKeyInaccessible, as nobody can disable AWS's own key, and a domain whose key is ours and disabled
 * sends no metrics, of which `leader` tells; 30,000 shards, for which the limit of 1,000 a node comes first; warm nodes and what
 * else the domain does not have.
 */
export class ElasticsearchAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ElasticsearchAlarmsProps,
  ) {
    super(scope, id);
    const { instanceCount, dedicatedMasterCount, volumeSize } = props;

    this.atLeast(
      "red",
      "ClusterStatus.red",
      1,
      "The log store has lost a primary shard: events of it cannot be found.",
    );
    this.atLeast("yellow", "ClusterStatus.yellow", 1, "The log store lacks a replica of a shard.", {
      evaluationPeriods: 5,
    });
    this.alarm("storage", "A node of the log store has less than a quarter of its storage free.", {
      watch: this.metric("FreeStorageSpace", "Minimum"),
      comparison: "atMost",
      // MiB.
      threshold: Token.asNumber(Op.mul(volumeSize, 1024 * 0.25)),
    });
    this.atLeast(
      "writes_blocked",
      "ClusterIndexWritesBlocked",
      1,
      "The log store takes no events: its disks or its memory are full.",
      {},
      fiveMinutes,
    );
    this.alarm("nodes", "The log store has lacked a node for a day.", {
      watch: this.metric("Nodes", "Minimum", day),
      comparison: "below",
      // Op.add writes a 0 as "undefined".
      threshold:
        dedicatedMasterCount === 0 ? instanceCount : Token.asNumber(Op.add(instanceCount, dedicatedMasterCount)),
    });
    this.atLeast("snapshots", "AutomatedSnapshotFailure", 1, "The log store's automated snapshot failed.");
    this.atLeast(
      "cpu",
      "CPUUtilization",
      80,
      "A node of the log store has been above 80 % of its CPU for 45 minutes.",
      { evaluationPeriods: 3 },
      quarterHour,
    );
    this.atLeast("heap", "JVMMemoryPressure", 95, "A node of the log store uses 95 % of its heap.", {
      evaluationPeriods: 3,
    });
    this.atLeast("old_heap", "OldGenJVMMemoryPressure", 80, "Four fifths of a log store node's old heap are in use.", {
      evaluationPeriods: 3,
    });
    this.alarm("leader", "The log store has had no leader for five minutes.", {
      watch: this.metric("MasterReachableFromNode", "Maximum"),
      comparison: "below",
      threshold: 1,
      evaluationPeriods: 5,
      // A domain that is gone sends none; one alarm tells of it.
      missingData: "breaching",
    });
    this.alarm("write_queue", "Events wait in the log store's write queue.", {
      watch: this.metric("ThreadpoolWriteQueue", "Average"),
      comparison: "atLeast",
      threshold: 100,
    });
    this.alarm("search_queue", "Searches wait in the log store's queue.", {
      watch: this.metric("ThreadpoolSearchQueue", "Average"),
      comparison: "atLeast",
      threshold: 500,
    });
    this.rejected("writes_rejected", "ThreadpoolWriteRejected", "The log store rejects events.");
    this.rejected("searches_rejected", "ThreadpoolSearchRejected", "The log store rejects searches.");
    this.alarm("shards", "The log store has four fifths of the shards that its nodes can have.", {
      watch: this.metric("Shards.active", "Maximum"),
      comparison: "above",
      threshold: Token.asNumber(Op.mul(instanceCount, 0.8 * shardsPerNode)),
    });
    if (dedicatedMasterCount > 0) {
      this.atLeast(
        "master_cpu",
        "MasterCPUUtilization",
        50,
        "A dedicated master of the log store has been above 50 % of its CPU for 45 minutes.",
        { evaluationPeriods: 3 },
        quarterHour,
      );
      this.atLeast("master_heap", "MasterJVMMemoryPressure", 95, "A dedicated master uses 95 % of its heap.", {
        evaluationPeriods: 3,
      });
      this.atLeast("master_old_heap", "MasterOldGenJVMMemoryPressure", 80, "A dedicated master's old heap fills.", {
        evaluationPeriods: 3,
      });
    }
  }

  private metric(metricName: string, statistic: "Average" | "Maximum" | "Minimum", periodSeconds = minute) {
    const { domain, accountId } = this.props;
    return metricsOf(
      "AWS/ES",
      { DomainName: domain.domainName, ClientId: accountId },
      periodSeconds,
    )(metricName, statistic);
  }

  private atLeast(
    label: string,
    metricName: string,
    threshold: number,
    description: string,
    rest: Partial<AlarmProps> = {},
    periodSeconds = minute,
  ): void {
    this.alarm(label, description, {
      watch: this.metric(metricName, "Maximum", periodSeconds),
      comparison: "atLeast",
      threshold,
      ...rest,
    });
  }

  /** The metric counts since a node started: its growth is what was rejected in a period. */
  private rejected(label: string, metricName: string, description: string): void {
    const counter = this.metric(metricName, "Maximum");
    this.alarm(label, description, {
      watch: { expression: "DIFF(m1)", metrics: { m1: counter } },
      comparison: "atLeast",
      threshold: 1,
    });
  }

  private alarm(
    label: string,
    description: string,
    rest: Pick<AlarmProps, "watch" | "comparison" | "threshold"> & Partial<AlarmProps>,
  ): void {
    new Alarm(this, `log_store_${label}`, {
      ...this.props.alerting,
      description,
      severity: "ticket",
      missingData: "missing",
      ...rest,
    });
  }
}
