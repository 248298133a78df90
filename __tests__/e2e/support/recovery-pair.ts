import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateDBInstanceCommand,
  ModifyDBInstanceCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StartDBInstanceAutomatedBackupsReplicationCommand,
} from "@aws-sdk/client-rds";
import { ChangeResourceRecordSetsCommand, ListHostedZonesByNameCommand } from "@aws-sdk/client-route-53";
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketReplicationCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { production } from "../../../environments/production";
import { productionDr } from "../../../environments/production-dr";
import { connectOverTls } from "../../../functions/bootstrap-database/connect";
import { type CustodyRecord, canonicalJson, nextRecord, recordKey, sha256 } from "../../../functions/custody/chain";
import { cloudfrontZoneId } from "../../../scripts/recovery/dns";
import { type Place, placeOf } from "../../../scripts/recovery/place";
import type { ClientConfig } from "../../../scripts/release/clients";
import type { LocalRun } from "./local-run";

const user = "skymanuals";
const password = "passwordpassword";
const recoveredPassword = "another-password";
export const distribution = "d222222abcdef8.cloudfront.net";

/** A primary and its recovery region, as far as a recovery is about them: made by calls, without Terraform. */
export class RecoveryPair {
  readonly primary: Place;
  readonly standby: Place;
  private last: CustodyRecord | undefined;
  private readonly seen = new Set<string>();
  private recording: Promise<void> | undefined;
  private ended = false;
  private readonly config: ClientConfig;

  /** Of a run whose emulator has started. */
  constructor(private readonly local: LocalRun) {
    this.config = {
      endpoint: local.emulator.url,
      credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" },
    };
    this.primary = placeOf(production, this.config);
    this.standby = placeOf(productionDr, this.config);
  }

  get connect() {
    return connectOverTls([readFileSync(join(this.local.directory, "local-ca.pem"), "utf8")]);
  }

  async create(): Promise<void> {
    const { primary, standby } = this;
    for (const { clients, region, chunksBucket, auditBucket } of [primary, standby]) {
      for (const Bucket of [chunksBucket, auditBucket]) {
        const constraint =
          region === "us-east-1" ? undefined : { LocationConstraint: region as BucketLocationConstraint };
        await clients.s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: constraint }));
        const versioning = { Bucket, VersioningConfiguration: { Status: "Enabled" } as const };
        await clients.s3.send(new PutBucketVersioningCommand(versioning));
      }
    }
    await this.replicate();
    const { DBInstance } = await primary.clients.rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: primary.database,
        DBInstanceClass: "db.t3.medium",
        Engine: "postgres",
        EngineVersion: "15",
        AllocatedStorage: 100,
        MasterUsername: user,
        MasterUserPassword: password,
        DBName: "skymanuals",
        BackupRetentionPeriod: 7,
      }),
    );
    await this.secret(primary, password, DBInstance?.Endpoint?.Port);
    await standby.clients.rds.send(
      new StartDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: DBInstance?.DBInstanceArn }),
    );
    const { HostedZones = [] } = await primary.clients.route53.send(
      new ListHostedZonesByNameCommand({ DNSName: `${primary.name?.zone}.` }),
    );
    const alias = {
      HostedZoneId: cloudfrontZoneId,
      DNSName: "d111111abcdef8.cloudfront.net",
      EvaluateTargetHealth: false,
    };
    await primary.clients.route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: HostedZones[0]?.Id,
        ChangeBatch: {
          Changes: (["A", "AAAA"] as const).map((Type) => ({
            Action: "CREATE",
            ResourceRecordSet: { Name: primary.name?.api, Type, AliasTarget: alias },
          })),
        },
      }),
    );
  }

  private async secret({ clients, databaseUrlSecret }: Place, word: string, port?: number): Promise<void> {
    const SecretString = `postgresql://${user}:${word}@localhost:${port}/skymanuals`;
    await clients.secrets.send(new CreateSecretCommand({ Name: databaseUrlSecret, SecretString }));
  }

  private async replicate(): Promise<void> {
    const iam = new IAMClient({ region: "us-east-1", ...this.config });
    const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
    const trust = { Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: "copy", AssumeRolePolicyDocument: policy(trust) }),
    );
    const all = { Effect: "Allow", Action: "s3:*", Resource: "*" };
    await iam.send(new PutRolePolicyCommand({ RoleName: "copy", PolicyName: "copy", PolicyDocument: policy(all) }));
    for (const bucket of ["chunksBucket", "auditBucket"] as const) {
      await this.primary.clients.s3.send(
        new PutBucketReplicationCommand({
          Bucket: this.primary[bucket],
          ReplicationConfiguration: {
            Role: Role?.Arn,
            Rules: [
              {
                ID: "all",
                Priority: 1,
                Status: "Enabled",
                Filter: { Prefix: "" },
                DeleteMarkerReplication: { Status: "Disabled" },
                Destination: { Bucket: `arn:aws:s3:::${this.standby[bucket]}` },
              },
            ],
          },
        }),
      );
    }
  }

  async stopCopying(bucket: string): Promise<void> {
    await this.primary.clients.s3.send(new DeleteBucketReplicationCommand({ Bucket: bucket }));
  }

  /** What the recovery environment is to a drill: its database, restored, with a password of its own. */
  async restore(backupArn: string): Promise<string> {
    const { clients, database: identifier } = this.standby;
    const { DBInstance } = await clients.rds.send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceAutomatedBackupsArn: backupArn,
        TargetDBInstanceIdentifier: identifier,
        UseLatestRestorableTime: true,
      }),
    );
    await clients.rds.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: identifier, MasterUserPassword: recoveredPassword }),
    );
    await this.secret(this.standby, recoveredPassword, DBInstance?.Endpoint?.Port);
    return distribution;
  }

  /** Records new chunks, as the custody function does, until `endRecording`. */
  startRecording(): void {
    const { primary } = this;
    const record = async () => {
      while (!this.ended) {
        const { Versions = [] } = await primary.clients.s3.send(
          new ListObjectVersionsCommand({ Bucket: primary.chunksBucket }),
        );
        for (const { Key = "", VersionId = "" } of Versions) {
          await this.record(Key, VersionId);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    // A lost region ends it, as it ends the function.
    this.recording = record().catch(() => {});
  }

  async endRecording(): Promise<void> {
    this.ended = true;
    await this.recording;
    this.ended = false;
  }

  private async record(key: string, versionId: string): Promise<void> {
    if (this.seen.has(versionId)) {
      return;
    }
    const { primary } = this;
    const now = new Date().toISOString();
    this.last = nextRecord(this.last, {
      object: { bucket: primary.chunksBucket, key, versionId },
      verdict: "accepted",
      problems: [],
      size: 1,
      contentType: "text/plain",
      sha256: sha256(key),
      uploader: "AWS:TEST",
      eventTime: now,
      recordedAt: now,
    });
    const Key = recordKey(this.last.sequence);
    await primary.clients.s3.send(
      new PutObjectCommand({ Bucket: primary.auditBucket, Key, Body: canonicalJson(this.last) }),
    );
    this.seen.add(versionId);
  }
}
