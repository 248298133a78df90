import { commandCount, commandsSince, endCommands } from "./command";

export type Step = (title: string, work: () => Promise<void>, timeoutSeconds?: number) => void;

/**
 * A `describe` whose steps build on one another: after one that fails the others fail at once, naming it. What the
 * commands of the failed step printed is part of its message. `cleanUp` runs whatever happened, and then every process
 * that is left is ended.
 */
export function story(
  title: string,
  define: (step: Step) => void,
  cleanUp: () => Promise<void> = async () => {},
): void {
  describe(title, () => {
    let failed: string | undefined;
    const step: Step = (name, work, timeoutSeconds = 600) => {
      test(
        name,
        async () => {
          if (failed !== undefined) {
            throw notRun(failed);
          }
          const first = commandCount();
          // A step that runs into its timeout has failed too.
          failed = name;
          try {
            await work();
            failed = undefined;
          } catch (thrown) {
            const error = thrown instanceof Error ? thrown : new Error(String(thrown));
            const commands = commandsSince(first).map((command) => command.describe());
            error.message = [error.message, ...commands].join("\n\n");
            throw error;
          }
        },
        timeoutSeconds * 1000,
      );
    };

    afterAll(async () => {
      try {
        await endCommands();
      } finally {
        await cleanUp();
      }
    }, 120_000);

    define(step);
  });
}

/** Its stack would repeat the same lines in every step that follows. */
function notRun(failed: string): Error {
  const error = new Error(`not run, because an earlier step failed: ${failed}`);
  error.stack = error.message;
  return error;
}
