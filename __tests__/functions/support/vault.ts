import type { Secrets, SecretVersion } from "../../../functions/parts/secrets";

/** Secrets Manager's part: versions of each secret, newest first. */
export class Vault implements Secrets {
  readonly versions: Record<string, Record<string, string>> = {};

  put(arn: string, versionId: string, value: string): SecretVersion {
    this.versions[arn] = { [versionId]: value, ...this.versions[arn] };
    return { arn, versionId };
  }

  async value({ arn, versionId }: SecretVersion): Promise<string> {
    const value = this.versions[arn]?.[versionId];
    if (value === undefined) {
      throw new Error(`no version ${versionId} of ${arn}`);
    }
    return value;
  }

  async others({ arn, versionId }: SecretVersion): Promise<SecretVersion[]> {
    return Object.keys(this.versions[arn] ?? {})
      .filter((other) => other !== versionId)
      .map((other) => ({ arn, versionId: other }));
  }
}
