import { dedicatedMasterCounts } from "../../facts/aws-limits";
import { longestIndexRetentionDays, mergeAfterDays } from "../../facts/elasticsearch";
import { maximumShards } from "../../facts/log-stream";
import {
  logstashHeapMiB,
  logstashLargestBatch,
  logstashMaximumBatchSize,
  logstashMinimumMemoryMiB,
} from "../../facts/logstash";
import { type CrossRule, integer, listOf, number, oneOf, pattern, record, ruled } from "../validation/rules";
import { imageTag } from "./api";
import { cpu, fargatePairFrom, memoryMiB } from "./fargate";
import { bucketName } from "./names";

/** Path of 512 characters and name of 64. Source: IAM API, CreateRole. */
const roleArn = pattern(
  "the ARN of an IAM role, arn:aws:iam::<12 digits>:role/<name>",
  /^arn:aws:iam::\d{12}:role\/(?=[^/]|.{1,511}\/[^/]*$)([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
  "copy it from `aws iam get-role --role-name <name>`",
);

const [none = 0, few = 0, most = 0] = dedicatedMasterCounts;
const masterCounts = `${none}, ${few} or ${most}`;

export const elasticsearch = record({
  /** Dedicated master nodes: none, 3 (as documented) or 5. */
  dedicatedMasterCount: number(
    masterCounts,
    (count) => dedicatedMasterCounts.includes(count) || `use ${count > few ? most : count === 2 ? few : none}`,
    `${masterCounts}: AWS refuses one master and more than ${most}, and an even number has no majority of its own`,
  ),
  /** ARNs of existing IAM roles of people or tools that may use the domain and Kibana, with signed requests. */
  operatorRoleArns: listOf(roleArn, "a list of IAM role ARNs; empty for none"),
  /** Days that the index of a day of logs is kept: it is merged after two. A change holds for the indices that are there too. */
  retentionDays: integer(mergeAfterDays + 1, longestIndexRetentionDays, "days"),
  /** Bucket of the domain's snapshot repository, for snapshots of your own. */
  snapshotsBucket: bucketName,
});

/** The events that Logstash has in hand fit its heap. */
const batchInHeap: CrossRule<{ readonly memoryMiB: number; readonly batchSize: number }> = {
  reads: ["memoryMiB", "batchSize"],
  find: ({ memoryMiB: memory, batchSize }) => {
    const maximum = logstashMaximumBatchSize(memory);
    return (
      memory >= logstashMinimumMemoryMiB &&
      batchSize > maximum && {
        path: ["batchSize"],
        allowed: `at most ${maximum}: 2 batches with events of 1 MiB are in a heap of ${logstashHeapMiB(memory)} MiB, half of memoryMiB, at a time`,
        fix: `use batchSize ${maximum}, or more memoryMiB`,
      }
    );
  },
};

export const logstash = ruled(
  record({
    /** Tag or digest of the image in the repository `<prefix>-logstash`. */
    imageTag,
    /**
     * FARGATE_SPOT costs about a third, and takes the task away on two minutes' notice: its logs arrive later then. FARGATE is
     * the documented service. A change replaces a running service.
     */
    capacity: oneOf(["FARGATE", "FARGATE_SPOT"]),
    /** Fargate CPU units: 1024 is one vCPU. */
    cpu,
    /** Fargate memory in MiB, one that AWS pairs with `cpu`, at least 2048. Half of it is the heap of Logstash's JVM. */
    memoryMiB,
    /**
     * Events that Logstash filters and writes at once. Its own default is 125. A larger batch makes fewer requests, takes more of
     * the heap, and more is read again after a restart.
     */
    batchSize: integer(1, logstashLargestBatch, "events"),
    /**
     * Shards of the stream from which Logstash reads. Each takes 1 MB or 1,000 records a second, compressed, and costs 25.55 USD a
     * month (us-east-1). More are needed where the alarm `log-stream-throttled` goes off. A change is made in place.
     */
    streamShards: integer(1, maximumShards),
  }),
  fargatePairFrom(logstashMinimumMemoryMiB, "Logstash"),
  batchInHeap,
);
