import { BackupClient } from "@aws-sdk/client-backup";
import { RDSClient } from "@aws-sdk/client-rds";
import { Route53Client } from "@aws-sdk/client-route-53";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Environment } from "../../environments/environment";
import { databaseName } from "../../facts/names";
import type { ClientConfig } from "../release/clients";

/** Where an environment keeps what a recovery is about. */
export interface Place {
  readonly environment: string;
  readonly region: string;
  readonly chunksBucket: string;
  readonly auditBucket: string;
  /** Identifier of the database's instance. */
  readonly database: string;
  /** Secret with the connection URL of the database's master user. */
  readonly databaseUrlSecret: string;
  /** The API's name and the public zone that it is in; null without a domain. */
  readonly name: { readonly api: string; readonly zone: string } | null;
  readonly clients: RegionClients;
}

export interface RegionClients {
  readonly rds: RDSClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly route53: Route53Client;
}

export function placeOf({ name, region, names, audit, domain }: Environment, config: ClientConfig): Place {
  // A lost region is asked once.
  const settings = { region, maxAttempts: 1, ...config };
  return {
    environment: name,
    region,
    chunksBucket: names.chunksBucket,
    auditBucket: audit.bucket,
    database: databaseName(names.prefix),
    databaseUrlSecret: `${names.prefix}/database-migration-url`,
    name: domain ? { api: domain.apiName, zone: domain.zoneName } : null,
    clients: {
      rds: new RDSClient(settings),
      s3: new S3Client(settings),
      secrets: new SecretsManagerClient(settings),
      route53: new Route53Client(settings),
    },
  };
}

export function backupClient(region: string, config: ClientConfig = {}): BackupClient {
  return new BackupClient({ region, ...config });
}
