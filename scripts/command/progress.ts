/** A step of a run while it is under way. */
export interface Step {
  /** What goes on now; shown in the step's own line. */
  update(text: string): void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * Shows steps with their seconds. On a terminal each step is one line that renews itself; in a pipe or in CI it is a
 * line at its start, one every ten seconds if something has changed, and one at its end.
 */
export class Progress {
  private readonly live: boolean;
  private readonly coloured: boolean;
  private clearLine = () => {};

  constructor(
    private readonly output: Output = process.stderr,
    environment: NodeJS.ProcessEnv = process.env,
    private readonly heartbeatMs = 10_000,
  ) {
    this.live = output.isTTY === true && !environment.CI && environment.TERM !== "dumb";
    this.coloured = this.live && !environment.NO_COLOR;
  }

  /** Runs one step. `done` makes its last line from what it returns; without it the title stands. */
  async step<T>(title: string, run: (step: Step) => Promise<T>, done: (result: T) => string = () => title): Promise<T> {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    const finish = this.live ? this.showLive(title, seconds) : this.showLines(title, seconds);
    try {
      const result = await run(finish.step);
      finish.end();
      this.output.write(`${this.colour(32, "✔")} ${done(result)} ${this.colour(2, `(${formatSeconds(seconds())})`)}\n`);
      return result;
    } catch (error) {
      finish.end();
      this.output.write(
        `${this.colour(31, "✖")} ${title}${finish.text() ? ` at ${finish.text()}` : ""} ${this.colour(2, `(${formatSeconds(seconds())})`)}\n`,
      );
      throw error;
    }
  }

  /** A line of its own, above a step that is under way. */
  note(text: string): void {
    this.clearLine();
    this.output.write(`${text}\n`);
  }

  private showLive(title: string, seconds: () => number) {
    let text = "";
    let frame = 0;
    const draw = () => {
      const line = `${frames[frame++ % frames.length]} ${title} ${formatSeconds(seconds())}${text ? `  ${text}` : ""}`;
      this.output.write(`\r\x1b[2K${line.slice(0, (this.output.columns || 80) - 1)}`);
    };
    const timer = setInterval(draw, 100);
    this.clearLine = () => this.output.write("\r\x1b[2K");
    draw();
    return {
      step: {
        update: (value: string) => {
          text = value;
        },
      },
      text: () => text,
      end: () => {
        clearInterval(timer);
        this.clearLine();
        this.clearLine = () => {};
      },
    };
  }

  private showLines(title: string, seconds: () => number) {
    let text = "";
    let shown = "";
    this.output.write(`- ${title}\n`);
    const timer = setInterval(() => {
      if (text !== shown) {
        this.output.write(`  ${title} ${formatSeconds(seconds())}  ${text}\n`);
        shown = text;
      }
    }, this.heartbeatMs);
    return {
      step: {
        update: (value: string) => {
          text = value;
        },
      },
      text: () => text,
      end: () => clearInterval(timer),
    };
  }

  private colour(code: number, text: string): string {
    return this.coloured ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** `4.2 s`, `1 min 05 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
