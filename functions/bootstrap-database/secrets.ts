import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

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
  constructor(private readonly client: SecretsManagerClient) {}

  async value({ arn, versionId }: SecretVersion): Promise<string> {
    const { SecretString } = await this.client.send(new GetSecretValueCommand({ SecretId: arn, VersionId: versionId }));
    if (SecretString === undefined) throw new Error(`secret ${arn}, version ${versionId}, holds no text`);
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
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found.sort((a, b) => b.created - a.created).map(({ id }) => ({ arn, versionId: id }));
  }
}
