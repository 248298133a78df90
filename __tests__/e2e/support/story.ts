import { commandCount, commandsSince, endCommands } from "./command";

export type Step = (title: string, work: () => Promise<void>, timeoutSeconds?: number) => void;

/** A part of a story: see `story`. */
export type Chapter = (title: string, define: (step: Step) => void) => void;

/**
 * A `describe` whose steps build on one another: after one that fails the others fail at once, naming it. What the
 * commands of the failed step printed is part of its message. `cleanUp` runs whatever happened, and then every process
 * that is left is ended.
 *
 * The steps of a chapter build on the story's steps before it, and leave what these made as it is: after one that fails, its
 * commands are ended, the rest of its chapter fails, and the story goes on.
 */
export function story(
  title: string,
  define: (step: Step, chapter: Chapter) => void,
  cleanUp: () => Promise<void> = async () => {},
): void {
  describe(title, () => {
    const whole: Part = { failed: undefined };

    afterAll(async () => {
      try {
        await endCommands();
      } finally {
        await cleanUp();
      }
    }, 120_000);

    define(stepsOf(whole), (name, defineChapter) => {
      describe(name, () => {
        const part: Part = { failed: undefined };
        afterAll(async () => {
          if (part.failed !== undefined) {
            await endCommands();
          }
        }, 60_000);
        defineChapter(stepsOf(part, whole));
      });
    });
  });
}

/** Steps of which none runs after one that failed; that one's title. */
interface Part {
  failed: string | undefined;
}

function stepsOf(part: Part, whole: Part = part): Step {
  return (name, work, timeoutSeconds = 600) => {
    test(
      name,
      async () => {
        const earlier = whole.failed ?? part.failed;
        if (earlier !== undefined) {
          throw notRun(earlier);
        }
        const first = commandCount();
        // A step that runs into its timeout has failed too.
        part.failed = name;
        try {
          await work();
          part.failed = undefined;
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
}

/** Its stack would repeat the same lines in every step that follows. */
function notRun(failed: string): Error {
  const error = new Error(`not run, because an earlier step failed: ${failed}`);
  error.stack = error.message;
  return error;
}
