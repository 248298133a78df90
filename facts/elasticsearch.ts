/** The last version under the name Elasticsearch. */
export const elasticsearchVersion = "7.10";

/**
 * Last days of support of 7.10 (AWS, UTC). From the first on AWS bills extended support: an amount for each normalized instance
 * hour, on top of the instances. After the last the domain must run OpenSearch, which takes a snapshot of 7.10.
 * Source: Amazon OpenSearch Service Developer Guide, "What is Amazon OpenSearch Service?", standard and extended support
 * (endoflife.date, product amazon-elasticsearch, has the same).
 */
export const elasticsearchSupport = { standardUntil: "2027-11-07", extendedUntil: "2030-11-07" } as const;

const noticeMonths = 6;

/** What to know about the end of standard support on a day: nothing until six months before, whether it is over from then on. */
export function elasticsearchSupportNotice(today: Date): { readonly over: boolean; readonly text: string } | undefined {
  const { standardUntil, extendedUntil } = elasticsearchSupport;
  const end = new Date(`${standardUntil}T00:00:00Z`);
  const notice = new Date(end);
  notice.setUTCMonth(notice.getUTCMonth() - noticeMonths);
  if (today < notice) {
    return undefined;
  }
  const over = today >= end;
  return {
    over,
    text:
      `Standard support of Elasticsearch ${elasticsearchVersion} ${over ? "ended" : "ends"} on ${standardUntil}: from then on AWS ` +
      `bills extended support, until ${extendedUntil}. Plan the move to OpenSearch (docs/log-store.md).`,
  };
}

/** The index template, the ISM policy and the snapshot repository of the logs, whatever the environment. */
export const logStoreName = "skymanuals-logs";

/** Days after which the index of a day is merged: until then late events are written to it. */
export const mergeAfterDays = 2;

/**
 * Days that an index may be kept: 500 indices, with their replicas 1000 shards, are what the default of a node is (Elasticsearch
 * Reference 7.10, cluster.max_shards_per_node), and the smallest domain has one.
 */
export const longestIndexRetentionDays = 500;

/** How much a domain can hold, and for how long. */
export interface Storage {
  readonly dataNodes: number;
  /** GiB of each data node. */
  readonly volumeGiB: number;
  /** Days that an index of one day is kept. */
  readonly retentionDays: number;
}

/** GiB: 30 to 50 for logs. Source: Amazon OpenSearch Service Developer Guide, "Choosing the number of shards". */
const largestShardGiB = 50;

/** Copies of the primary shards besides them. */
const replicas = 1;

/** Volumes for each GiB of logs and its replicas. Source: the same guide, "Calculating storage requirements" (minimum storage). */
const volumePerLogs = 1.45;

/**
 * Primary shards of an index of one day: the fewest of which none outgrows 50 GiB where every day is as large as the volumes let all
 * days of the retention be.
 */
export function primaryShards({ dataNodes, volumeGiB, retentionDays }: Storage): number {
  const dayGiB = (dataNodes * volumeGiB) / (1 + replicas) / volumePerLogs / retentionDays;
  return Math.max(1, Math.ceil(dayGiB / largestShardGiB));
}
