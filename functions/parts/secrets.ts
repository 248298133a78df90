import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

import { type Patience, patiently } from "./patience";

/** One version of a secret in Secrets Manager. */
export interface SecretVersion {
  readonly arn: string;
  readonly versionId: string;
}

export interface Secrets {
  value(version: SecretVersion): Promise<string>;
  /** The other versions that Secrets Manager still keeps, newest first. */
  others(version: SecretVersion): Promise<SecretVersion[]>;
}

export class SecretsManager implements Secrets {
  constructor(
    private readonly client: SecretsManagerClient,
    private readonly patience: Patience,
  ) {}

  async value({ arn, versionId }: SecretVersion): Promise<string> {
    // A policy that was written a moment ago does not hold everywhere yet.
    const { SecretString } = await patiently(
      this.patience,
      (error) => error instanceof Error && error.name === "AccessDeniedException",
      () => this.client.send(new GetSecretValueCommand({ SecretId: arn, VersionId: versionId })),
    );
    if (SecretString === undefined) {
      throw new Error(`secret ${arn}, version ${versionId}, holds no text`);
    }
    return SecretString;
  }

  async others({ arn, versionId }: SecretVersion): Promise<SecretVersion[]> {
    const found: { id: string; created: number }[] = [];
    let NextToken: string | undefined;
    do {
      // A version that no label names any more is deprecated, and can be read until Secrets Manager removes it.
      const page = await this.client.send(
        new ListSecretVersionIdsCommand({ SecretId: arn, IncludeDeprecated: true, NextToken }),
      );
      for (const { VersionId, CreatedDate } of page.Versions ?? []) {
        if (VersionId !== undefined && VersionId !== versionId) {
          found.push({ id: VersionId, created: CreatedDate?.getTime() ?? 0 });
        }
      }
      // An empty one is no page, and no valid request either.
      NextToken = page.NextToken || undefined;
    } while (NextToken !== undefined);
    return found.sort((a, b) => b.created - a.created).map(({ id }) => ({ arn, versionId: id }));
  }
}
