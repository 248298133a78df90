import type { TerraformEvent } from "./run";

/** Counts an apply's or destroy's resources from its events. */
export class ApplyProgress {
  /** Creations, updates and deletions that are done; a replacement is two. */
  done = 0;
  private readonly current = new Map<string, number>();

  constructor(readonly total: number) {}

  push(event: TerraformEvent): void {
    const { hook } = event;
    if (!hook || hook.action === "read" || hook.action === "noop") {
      return;
    }
    const address = hook.resource.addr;
    if (event.type === "apply_start") {
      this.current.set(address, Date.now());
    } else if (event.type === "apply_complete") {
      this.current.delete(address);
      this.done++;
    } else if (event.type === "apply_errored") {
      this.current.delete(address);
    }
  }

  /** `43 of 128: aws_db_instance.postgres 40 s, aws_lb.main 33 s and 2 more` */
  toString(): string {
    const longest = [...this.current].sort(([, a], [, b]) => a - b);
    const shown = longest
      .slice(0, 3)
      .map(([address, since]) => `${address} ${Math.round((Date.now() - since) / 1000)} s`)
      .join(", ");
    const more = longest.length > 3 ? ` and ${longest.length - 3} more` : "";
    return `${this.done} of ${this.total}${shown ? `: ${shown}${more}` : ""}`;
  }
}
