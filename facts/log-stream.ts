/**
 * Hours that the stream of logs keeps what Logstash has not read: seven days. What is older is skipped without a word, and is then
 * in CloudWatch only. 24 to 8760 (Amazon Kinesis Data Streams API Reference, IncreaseStreamRetentionPeriod); above 168 each hour of
 * each GB is priced apart (Amazon Kinesis Data Streams Pricing, long-term retention).
 */
export const logStreamRetentionHours = 168;

/**
 * Shards that a stream may have without a raised quota in every region (Amazon Kinesis Data Streams Developer Guide, "Quotas and
 * limits": 1,000 is the lowest default of a region). A shard takes 1 MB or 1,000 records a second.
 */
export const maximumShards = 1000;

/** The data stream between CloudWatch Logs and Logstash. */
export function logStreamName(prefix: string): string {
  return `${prefix}-logs`;
}
