import { dataIsEncryptedAtRest, dataIsEncryptedInTransit } from "./encryption";
import { noBucketIsPublic, nothingIsOpenToTheWorld, oneAccountOnly, publicEntrance } from "./exposure";
import type { Invariant } from "./invariant";
import { messagesAreHiddenLongEnough } from "./messages";
import { policiesGrantTheLeast } from "./policies";
import {
  containersGetSecretsByReference,
  ephemeralValuesAreWriteOnly,
  fewSecretsReachTheState,
  noSecretInTheOutput,
} from "./secrets";
import { everythingIsTagged } from "./tags";
import { databaseBackups, logsAreKept, referencesResolve, successorsComeFirst } from "./upkeep";

/** Every rule, by what it says. */
export const invariants: Readonly<Record<string, Invariant>> = {
  "data is encrypted at rest": dataIsEncryptedAtRest,
  "data is encrypted in transit": dataIsEncryptedInTransit,
  "everything is tagged": everythingIsTagged,
  "providers touch one account only": oneAccountOnly,
  "nothing but the load balancer is open, and that to CloudFront": nothingIsOpenToTheWorld,
  "no bucket is public": noBucketIsPublic,
  "no secret is in the output": noSecretInTheOutput,
  "ephemeral values stand in write-only arguments": ephemeralValuesAreWriteOnly,
  "the Redis token and the origin headers reach the state, and no other secret": fewSecretsReachTheState,
  "containers get secrets by reference": containersGetSecretsByReference,
  "policies grant the least": policiesGrantTheLeast,
  "C16: what has a name prefix is replaced before it is destroyed": successorsComeFirst,
  "databases are backed up": databaseBackups,
  "messages are hidden until their function has had its time": messagesAreHiddenLongEnough,
  "the public entrance is CloudFront, with a web ACL": publicEntrance,
  "logs are kept for a stated time": logsAreKept,
  "every reference resolves": referencesResolve,
};

/** What holds data that nothing else holds: types that an environment may protect from destruction. */
export const dataHolders: readonly string[] = [
  "aws_backup_vault",
  "aws_db_instance",
  "aws_elasticache_replication_group",
  "aws_elasticsearch_domain",
  "aws_kms_key",
  "aws_s3_bucket",
];
