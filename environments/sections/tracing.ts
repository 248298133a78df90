import { integer, record } from "../validation/rules";

export const tracing = record({
  /** Requests per second, over all tasks, that are traced whatever the share. */
  reservoirPerSecond: integer(0, 1000, (from, to) => `${from} to ${to} requests per second`),
  /** Share of the other requests that is traced. */
  sampledPercent: integer(0, 100, (from, to) => `${from} to ${to} percent, a whole number`),
  /** Requests that take longer than this many seconds are grouped with the failed ones. */
  slowSeconds: integer(1, 60, (from, to) => `${from} to ${to} seconds`),
});
