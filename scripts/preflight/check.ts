import type { Account, Environment } from "../../environments/environment";
import type { Ask, Operation } from "./aws";
import type { Outcome } from "./finding";
import type { SynthesizedPlatform } from "./platform";

/** What a check knows before it asks. */
export interface Subject {
  readonly environment: Environment;
  /** The entry of environments/accounts.ts. */
  readonly account: Account | undefined;
  /** The other environments of the account and region, which share its quotas. */
  readonly neighbours: readonly Environment[];
  readonly platform: SynthesizedPlatform;
  readonly ask: Ask;
  /** The emulator of the local run answers: it holds no images, and no one on the internet knows its zones. */
  readonly emulated: boolean;
  /** The account's own stacks are applied before the environment in the same run: what they create may be missing. */
  readonly accountFollows: boolean;
  /** The time of the run. Synthesis reads no clock. */
  readonly now: Date;
  /**
   * Name servers of a domain, as the public DNS knows them.
   * It throws an error with Node.js's codes, such as `ENOTFOUND`.
   */
  readonly nameServers: (domain: string) => Promise<string[]>;
}

/** One question, about one thing that AWS may refuse. */
export interface Check {
  /** What stands before its findings. */
  readonly name: string;
  /** What it may ask; its permissions follow from this. */
  readonly asks: readonly Operation[];
  /** It throws NotAnswered where AWS does not answer, which is a finding of its own. */
  readonly run: (subject: Subject) => Promise<Outcome>;
}
