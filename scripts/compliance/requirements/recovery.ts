import { attribute, type PlannedResources } from "../planned";
import {
  atLeast,
  each,
  equals,
  type Finding,
  isDisposable,
  missing,
  needs,
  type Requirement,
  refersTo,
  some,
} from "../requirement";
import { companions } from "./encryption";

const source = "Setup guide, Disaster Recovery";

export const recovery: readonly Requirement[] = [
  {
    id: "recovery.snapshots",
    title: "The database is backed up every day",
    source,
    promise: "Daily automated RDS snapshots",
    serves: ["AMC1 21.B.55(a)"],
    inAccount: "The latest restorable time, which AWS keeps within some five minutes.",
    checks: ["rds_instance_backup_enabled"],
    judge: (planned) => ({
      findings: each(primaryDatabases(planned), "aws_db_instance", "a database", (one) => [
        atLeast(one, "backup_retention_period", 7, "days"),
      ]),
    }),
  },
  {
    id: "recovery.replication",
    title: "Chunks and records of custody are copied to another region",
    source,
    promise: "S3 cross-region replication",
    serves: ["AMC1 21.B.55(a)"],
    inAccount: "How far the copy is behind: ReplicationLatency and OperationsFailedReplication.",
    checks: ["s3_bucket_cross_region_replication"],
    judge: (planned) => ({ findings: copied(planned), notApplicable: isDisposable(planned) }),
  },
  {
    id: "recovery.state",
    title: "Terraform's state has versions",
    source,
    promise: "Configuration backup med Terraform state",
    serves: [],
    inAccount: "That this stack's state lies in that bucket: the plan does not say where a state is kept.",
    ofAccount: true,
    checks: ["s3_bucket_object_versioning"],
    judge: (planned) => ({
      findings: each(planned.at("aws_s3_bucket.state"), "aws_s3_bucket.state", "a bucket of states", (bucket) => {
        const [versioning] = companions(planned, bucket, "aws_s3_bucket_versioning");
        return [
          equals(bucket, "force_destroy", false),
          versioning
            ? equals(versioning, "versioning_configuration[0].status", "Enabled")
            : missing("aws_s3_bucket_versioning (state)", "versions"),
        ];
      }),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "recovery.dump",
    title: "The database is dumped by pg_dump into a locked bucket",
    source,
    promise: "Application data backup med pg_dump",
    serves: ["AMC1 21.B.55(a)"],
    inAccount: "That dumps are made and can be loaded: the dates in the bucket, and a load of one.",
    checks: [],
    judge: (planned) => ({
      findings: each(
        planned.of("aws_ecs_task_definition").filter(({ address }) => /dump/.test(address)),
        "aws_ecs_task_definition (dump)",
        "a task that dumps the database",
        (one) => [refersTo(one, "task_role_arn", "a role", (to) => to.startsWith("aws_iam_role."))],
      ),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "recovery.database-failover",
    title: "The database fails over by itself",
    source,
    promise: "Automated failover för database",
    serves: [],
    inAccount: "How long it takes: RDS events of a failover that was tried.",
    checks: ["rds_instance_multi_az"],
    judge: (planned) => ({
      findings: each(primaryDatabases(planned), "aws_db_instance", "a database", (one) => [
        equals(one, "multi_az", true),
      ]),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "recovery.objectives",
    title: "Recovered within 4 hours, losing at most 1 hour",
    source,
    promise: "RTO: 4 hours för critical operations; RPO: 1 hour för data loss tolerance",
    serves: [],
    inAccount:
      "Both figures: durations of AWS Backup's restore tests, the replication's lag, and a drill in the recovery region.",
    decidedInAccount: true,
    checks: ["backup_plans_exist", "s3_bucket_cross_region_replication"],
    judge: (planned) => ({
      findings: [
        ...each(
          planned.of("aws_db_instance_automated_backups_replication"),
          "aws_db_instance_automated_backups_replication",
          "the database's logs, replicated to the recovery region",
          (one) => [refersTo(one, "source_db_instance_arn", "the database", (to) => to.startsWith("aws_db_instance."))],
        ),
        ...copied(planned),
      ],
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "recovery.services",
    title: "Application services are moved by hand",
    source,
    promise: "Manual failover för application services",
    serves: [],
    inAccount: "A drill: the recovery environment deployed, the DNS record switched, and back.",
    decidedInAccount: true,
    checks: [],
    judge: (planned) => ({
      findings: each(planned.of("aws_ecs_service"), "aws_ecs_service", "services", (one) => [
        needs(one, "deployment_circuit_breaker[0].rollback", "true", (value) => value === true),
      ]),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "recovery.protection",
    title: "Nothing that holds data is deleted by a plan",
    source: "Setup guide, Infrastructure Components, RDS PostgreSQL Database",
    promise: "skip_final_snapshot = false",
    serves: ["AC 120-78B"],
    inAccount: "Who may change these settings.",
    checks: ["rds_instance_deletion_protection"],
    judge: (planned) => ({
      findings: [
        ...each(primaryDatabases(planned), "aws_db_instance", "a database", (one) => [
          equals(one, "deletion_protection", true),
          equals(one, "skip_final_snapshot", false),
        ]),
        ...["chunks", "audit"].flatMap((label) =>
          each(planned.at(`aws_s3_bucket.${label}`), `aws_s3_bucket.${label}`, "a bucket", (one) => [
            equals(one, "force_destroy", false),
          ]),
        ),
      ],
      notApplicable: isDisposable(planned),
    }),
  },
];

function primaryDatabases(planned: PlannedResources) {
  return planned
    .of("aws_db_instance")
    .filter(
      (one) => attribute(one, "replicate_source_db").text === "absent" || one.address === "aws_db_instance.postgres",
    );
}

/** Both buckets, each with a rule of replication. */
export function copied(planned: PlannedResources): Finding[] {
  return ["chunks", "audit"].flatMap((label) =>
    each(planned.at(`aws_s3_bucket.${label}`), `aws_s3_bucket.${label}`, "a bucket", (bucket) =>
      some(
        companions(planned, bucket, "aws_s3_bucket_replication_configuration"),
        `aws_s3_bucket_replication_configuration (${label})`,
        "a rule of replication",
        (one) => [
          equals(one, "rule[0].status", "Enabled"),
          needs(
            one,
            "rule[0].destination[0].bucket",
            "a bucket of another region",
            () => attribute(one, "rule[0].destination[0].bucket").text !== "absent",
          ),
        ],
      ),
    ),
  );
}
