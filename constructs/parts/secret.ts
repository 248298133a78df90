import { DataAwsSecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/data-aws-secretsmanager-secret-version";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import { Ephemeral } from "./ephemeral";
import type { Key } from "./key";

export interface SecretProps {
  /** Name in Secrets Manager, such as `skymanuals/database-url`. */
  readonly name: string;
  readonly description: string;
  /** Days in which a deleted secret can be restored: 0, or 7 to 30. */
  readonly recoveryDays: number;
  /** The value is written when this number changes. */
  readonly version: number;
  /** Whoever reads the value needs the right to decrypt with it, too. Default: `alias/aws/secretsmanager`, AWS's own. */
  readonly key?: Key;
}

export interface GeneratedSecretProps extends SecretProps {
  /** Characters: letters and digits only, so that the value needs no escaping in a URL. */
  readonly length: number;
  /** An ephemeral value to write instead of a generated one, unless null when Terraform runs. */
  readonly given?: string;
}

/**
 * A secret in Secrets Manager and its current version. Costs 0.40 USD a month (AWS list price).
 *
 * A changed number replaces the version. It is destroyed first, which leaves its value current: the provider takes AWSCURRENT
 * from no version (internal/service/secretsmanager/secret_version.go), and Secrets Manager moves it when the next is written.
 * Created first, the old version would carry another label by the time that it is destroyed, and its deletion could fail.
 */
abstract class Secret extends Construct {
  readonly arn: string;
  readonly versionId: string;
  /** The version as a function is told to read it. */
  readonly version: { readonly arn: string; readonly versionId: string };
  /** What an ECS container's `valueFrom` takes. It names the version, so that a rotation is a new task definition. */
  readonly valueFrom: string;
  protected readonly secretId: string;

  constructor(scope: Construct, label: string, props: SecretProps, version: SecretVersion) {
    super(scope, label);
    const secret = new SecretsmanagerSecret(this, `aws_secretsmanager_secret.${label}`, {
      name: props.name,
      description: props.description,
      recoveryWindowInDays: props.recoveryDays,
      kmsKeyId: props.key?.arn,
      tags: { Name: props.name },
    });
    const { versionId } = new SecretsmanagerSecretVersion(this, `aws_secretsmanager_secret_version.${label}`, {
      secretId: secret.id,
      secretStringWo: version.value,
      secretStringWoVersion: version.number,
    });
    this.arn = secret.arn;
    this.secretId = secret.id;
    this.versionId = versionId;
    this.version = { arn: secret.arn, versionId };
    this.valueFrom = `${secret.arn}:::${versionId}`;
  }
}

interface SecretVersion {
  /** An ephemeral expression. */
  readonly value: string;
  /** The value is written when this number changes. */
  readonly number: number;
}

/**
 * A random value whose only home is Secrets Manager: generated (or taken from `given`) once per version number, and read
 * back from there by every other user of it, so that all agree after an apply that was cut between them.
 */
export class GeneratedSecret extends Secret {
  constructor(scope: Construct, label: string, props: GeneratedSecretProps) {
    const random = new Ephemeral(
      scope,
      `ephemeral.aws_secretsmanager_random_password.${label}`,
      "aws_secretsmanager_random_password",
      {
        password_length: props.length,
        exclude_punctuation: true,
      },
    ).getString("random_password");
    super(scope, label, props, {
      value: props.given === undefined ? random : Fn.coalesce([props.given, random]),
      number: props.version,
    });
  }

  /** The value for write-only arguments: in neither plan nor state. */
  readEphemeral(): string {
    const label = this.node.id;
    return new Ephemeral(
      this,
      `ephemeral.aws_secretsmanager_secret_version.${label}`,
      "aws_secretsmanager_secret_version",
      {
        secret_id: this.secretId,
        version_id: this.versionId,
      },
    ).getString("secret_string");
  }

  /** The value for arguments that have no write-only form. It is in the state, marked sensitive. */
  readIntoState(): string {
    const label = this.node.id;
    return new DataAwsSecretsmanagerSecretVersion(this, `data.aws_secretsmanager_secret_version.${label}`, {
      secretId: this.secretId,
      versionId: this.versionId,
    }).secretString;
  }
}

export interface ComposedSecretProps extends SecretProps {
  /** An ephemeral expression. */
  readonly value: string;
  /** The parts of the value that are no secret: a change of one writes the value anew. */
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * A secret made of another one and of addresses, such as a connection URL. It is written anew when its version or one of its
 * parts changes, however an apply was cut: both are in the one number that Terraform compares.
 */
export class ComposedSecret extends Secret {
  constructor(scope: Construct, label: string, props: ComposedSecretProps) {
    const digest = Fn.sha256(Fn.jsonencode({ version: props.version, ...props.parts }));
    super(scope, label, props, {
      value: props.value,
      // 48 bits: what a JSON number and the provider's integer both hold.
      number: Token.asNumber(Fn.parseint(Fn.substr(digest, 0, 12), 16)),
    });
  }
}
