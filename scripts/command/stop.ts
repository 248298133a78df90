/** Why a run ends before its time: a signal from the terminal or the system, or an emulator that is gone. */
export type StopReason = { readonly signal: "SIGINT" | "SIGTERM" | "SIGHUP" } | { readonly emulator: string };

/** Thrown by whatever noticed that its run was stopped. */
export class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super("signal" in reason ? `stopped by ${reason.signal}` : reason.emulator);
  }

  /** 130 after SIGINT, 143 after SIGTERM, 129 after SIGHUP, 1 otherwise. */
  get exitCode(): number {
    const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
    return "signal" in this.reason ? codes[this.reason.signal] : 1;
  }
}

/**
 * One request to stop, in two stages, for every child process of a run: `requested` asks it to end in good order,
 * `forced` follows when asked again, or after `graceMs` milliseconds, and ends it at once.
 */
export class Stop {
  private readonly request_ = new AbortController();
  private readonly force_ = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly graceMs = 60_000) {}

  get requested(): AbortSignal {
    return this.request_.signal;
  }

  get forced(): AbortSignal {
    return this.force_.signal;
  }

  get reason(): StopReason | undefined {
    return this.requested.reason as StopReason | undefined;
  }

  /** The first request asks; the second forces. */
  request(reason: StopReason, graceMs = this.graceMs): void {
    if (this.requested.aborted) {
      this.force_.abort();
      return;
    }
    this.timer = setTimeout(() => this.force_.abort(), graceMs).unref();
    this.request_.abort(reason);
  }

  throwIfRequested(): void {
    if (this.reason !== undefined) {
      throw new Stopped(this.reason);
    }
  }

  /**
   * Listens to SIGINT, SIGTERM and SIGHUP until the returned function is called. A repetition within a second is the same
   * request: a terminal's Ctrl-C reaches a script once from the terminal, and once more through npm, which forwards it.
   */
  listen(onRequest: (reason: StopReason, again: boolean) => void = () => {}): () => void {
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    let first: number | undefined;
    const listeners = signals.map((signal) => {
      const listener = () => {
        const now = performance.now();
        first ??= now;
        if (this.requested.aborted && now - first < 1000) {
          return;
        }
        onRequest({ signal }, this.requested.aborted);
        this.request({ signal });
      };
      process.on(signal, listener);
      return [signal, listener] as const;
    });
    return () => {
      clearTimeout(this.timer);
      for (const [signal, listener] of listeners) {
        process.off(signal, listener);
      }
    };
  }
}
