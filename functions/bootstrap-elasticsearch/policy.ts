import { mergeAfterDays } from "../../facts/elasticsearch";

const retry = { count: 3, backoff: "exponential", delay: "1h" };

/**
 * What becomes of an index of one day. Its day is the rollover: the index is named after the event's time (decision 18).
 *
 * `force_merge` blocks writes before it merges and leaves them blocked, and Logstash sends an event that is blocked (403) again
 * for ever, with all behind it: `read_write` lets late events in again.
 * Source: Open Distro for Elasticsearch, "Index State Management: Policies", actions (force_merge: "attempts to set the index to a
 * read-only state"; read_write).
 */
export function lifecyclePolicy(indexPattern: string, retentionDays: number) {
  return {
    description: `Logs of one day: merged after ${mergeAfterDays} days, deleted after ${retentionDays}`,
    default_state: "written",
    states: [
      {
        name: "written",
        actions: [],
        transitions: [{ state_name: "merged", conditions: { min_index_age: `${mergeAfterDays}d` } }],
      },
      {
        name: "merged",
        actions: [
          { retry, force_merge: { max_num_segments: 1 } },
          { retry, read_write: {} },
        ],
        transitions: [{ state_name: "deleted", conditions: { min_index_age: `${retentionDays}d` } }],
      },
      { name: "deleted", actions: [{ retry, delete: {} }], transitions: [] },
    ],
    ism_template: [{ index_patterns: [indexPattern], priority: 100 }],
  };
}
