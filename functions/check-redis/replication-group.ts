import {
  DescribeReplicationGroupsCommand,
  type ElastiCacheClient,
  ModifyReplicationGroupCommand,
} from "@aws-sdk/client-elasticache";
import { type Patience, patiently } from "../parts/patience";

/**
 * `ROTATE` adds a token to what is accepted; the last token stays, or access without one. `SET` takes away all but the token,
 * which must have been added before (Amazon ElastiCache User Guide, "Modifying the AUTH token on an existing cluster").
 */
export type Strategy = "ROTATE" | "SET";

export interface ReplicationGroup {
  /**
   * Returns when the change is made.
   * @throws Error in ElastiCache's words where it refuses
   */
  modifyToken(token: string, strategy: Strategy): Promise<void>;
}

class Modifying extends Error {}

export class ElastiCacheGroup implements ReplicationGroup {
  constructor(
    private readonly client: ElastiCacheClient,
    private readonly id: string,
    private readonly patience: Patience,
  ) {}

  async modifyToken(token: string, strategy: Strategy): Promise<void> {
    const ReplicationGroupId = this.id;
    const change = { AuthToken: token, AuthTokenUpdateStrategy: strategy, ApplyImmediately: true };
    await this.patiently(() => this.client.send(new ModifyReplicationGroupCommand({ ReplicationGroupId, ...change })));
    await this.patiently(async () => {
      const { ReplicationGroups = [] } = await this.client.send(
        new DescribeReplicationGroupsCommand({ ReplicationGroupId }),
      );
      const status = ReplicationGroups[0]?.Status;
      if (status !== "available") {
        throw new Modifying(`the replication group ${this.id} is ${status}: apply again when it is available`);
      }
    });
  }

  /** A group takes one change at a time; a policy that was written a moment ago does not hold everywhere yet. */
  private patiently<T>(work: () => Promise<T>): Promise<T> {
    const passing = [
      "AccessDenied",
      "AccessDeniedException",
      "InvalidReplicationGroupState",
      "InvalidReplicationGroupStateFault",
    ];
    const passes = (error: unknown) =>
      error instanceof Modifying || (error instanceof Error && passing.includes(error.name));
    return patiently(this.patience, passes, work);
  }
}
