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

/** Logstash's container in its task definition. */
export const logstashContainer = "logstash";
