/**
 * Least memory in MiB of Logstash's task. The image's JVM options fix a heap of 1 GiB (elastic/logstash, config/jvm.options);
 * outside the heap JRuby's classes and code, threads and direct buffers take most of another (Logstash Reference, "JVM
 * settings"). In 512 MiB the container dies at its start (elastic/dockerfiles, pull request 34).
 */
export const logstashMinimumMemoryMiB = 2048;

/** More heap makes collections longer, and nothing faster (Logstash Reference, "JVM settings": at most 8 GB). */
const maximumHeapMiB = 8192;

/** MiB of heap, of a task's memory in MiB: half of it, because direct buffers may take as much as the heap. */
export function logstashHeapMiB(memoryMiB: number): number {
  return Math.min(Math.floor(memoryMiB / 2), maximumHeapMiB);
}

/** MiB of heap for Logstash itself: its plugins, JRuby's classes and the connections; half of the heap that the image starts with. */
const ownHeapMiB = 512;

/**
 * MiB of heap that an event takes at most: a line of 256 KiB, where the awslogs driver cuts (Docker, "Amazon CloudWatch Logs logging
 * driver"), as a line, as fields, as a document and as a part of the bulk request.
 */
const eventMiB = 1;

/**
 * Most events of a batch that the heap holds, where all are as long as they can be. The one worker (logstash/config/logstash.yml)
 * has a batch in hand, and the queue in memory holds as many again (elastic/logstash 7.16, QueueFactoryExt).
 */
export function logstashMaximumBatchSize(memoryMiB: number): number {
  return Math.max(1, Math.floor((logstashHeapMiB(memoryMiB) - ownHeapMiB) / (2 * eventMiB)));
}

/** Most events of a batch, however large the heap. */
export const logstashLargestBatch = 1000;

/**
 * So many events the input's position stays behind what it has handed over: twice what the pipeline can hold, which is the batch that
 * its one worker writes and as many in the queue. That much is read again after a restart.
 */
export function logstashEventsInFlight(batchSize: number): number {
  return 2 * (2 * batchSize);
}

/** Logstash's container in its task definition. */
export const logstashContainer = "logstash";
