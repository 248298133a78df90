import { setTimeout as sleep } from "node:timers/promises";

/** How long something is tried again that may work in a moment. */
export interface Patience {
  readonly seconds: number;
  readonly intervalSeconds: number;
}

/** The result of `work`, tried again while it fails with an error that `passes` and time is left. */
export async function patiently<T>(
  { seconds, intervalSeconds }: Patience,
  passes: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || Date.now() >= deadline) {
        throw error;
      }
      await sleep(intervalSeconds * 1000);
    }
  }
}
