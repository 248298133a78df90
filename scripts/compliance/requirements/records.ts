import { sevenYearsInDays } from "../../../facts/retention";
import { attribute, type Planned, type PlannedResources, statements } from "../planned";
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
  states,
} from "../requirement";
import { containersOf } from "./access";
import { companions, lockedFor } from "./encryption";

const source = "Setup guide, Compliance and Auditing, Aviation Compliance";
const sevenYears = "7-year data retention per EASA/FAA requirements";

export const records: readonly Requirement[] = [
  {
    id: "retention.chunks",
    title: "Every version of a chunk is kept for seven years",
    source,
    promise: sevenYears,
    serves: ["145.A.55(a)(3)", "14 CFR 91.417(b)(1)", "AMC2 BOP.ADD.205", "14 CFR 121.695(b)", "14 CFR 121.683(a)(2)"],
    inAccount: "The age of the oldest version, and that no lifecycle rule or deletion was made by hand.",
    checks: ["s3_bucket_object_versioning", "s3_bucket_lifecycle_enabled"],
    judge: (planned) => ({
      findings: chunksKeptFor(planned, sevenYearsInDays),
      meaning: currentChunks(planned),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "retention.custody",
    title: "Records of custody are locked for seven years",
    source,
    promise: sevenYears,
    serves: ["IS.D.OR.245(a)(4)", "AMC1 21.B.55(a)"],
    inAccount: "The lock of each record: s3:GetObjectRetention, which npm run verify:custody does not read.",
    checks: ["s3_bucket_object_lock", "s3_bucket_object_versioning"],
    judge: (planned) => {
      const [lock] = planned
        .at("aws_s3_bucket.audit")
        .flatMap((bucket) => companions(planned, bucket, "aws_s3_bucket_object_lock_configuration"));
      const mode = lock && attribute(lock, "rule[0].default_retention[0].mode").value;
      return {
        findings: each(planned.at("aws_s3_bucket.audit"), "aws_s3_bucket.audit", "a bucket of records", (bucket) => [
          equals(bucket, "object_lock_enabled", true),
          ...lockedFor(planned, bucket, sevenYearsInDays),
          ...(lock && isDisposable(planned) === undefined
            ? [equals(lock, "rule[0].default_retention[0].mode", "COMPLIANCE")]
            : []),
        ]),
        meaning:
          mode === "COMPLIANCE"
            ? "COMPLIANCE: nobody deletes a record before its time, the account's root user included."
            : "GOVERNANCE: whoever has s3:BypassGovernanceRetention deletes a record before its time.",
      };
    },
  },
  {
    id: "retention.logs",
    title: "Application and audit logs are archived, locked for seven years",
    source,
    promise: sevenYears,
    serves: ["IS.D.OR.245(a)(4)", "AC 120-76E"],
    inAccount: "That lines arrive: the delivery's metrics and alarms, and a query over the archive.",
    checks: ["cloudwatch_log_group_retention_policy_specific_days_enabled", "s3_bucket_object_lock"],
    judge: (planned) => ({
      findings: logsArchivedFor(planned, sevenYearsInDays),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "retention.database",
    title: "Backups of the database are kept for seven years",
    source,
    promise: sevenYears,
    serves: ["IS.D.OR.245(a)(4)"],
    inAccount: "The recovery points and their ages, and that a restore test of one succeeded.",
    checks: ["backup_plans_exist", "backup_vaults_exist", "backup_recovery_point_encrypted"],
    judge: (planned) => ({
      findings: databaseKeptFor(planned, sevenYearsInDays),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "retention.trail",
    title: "What CloudTrail records is locked for seven years",
    source,
    promise: sevenYears,
    serves: ["IS.D.OR.245(a)(4)"],
    inAccount: "That CloudTrail delivers: its status, and the age of the newest object.",
    ofAccount: true,
    checks: ["cloudtrail_logs_s3_bucket_is_not_publicly_accessible", "s3_bucket_object_lock"],
    judge: (planned) => ({
      findings: trailKeptFor(planned, sevenYearsInDays),
      notApplicable: isDisposable(planned),
    }),
  },
  {
    id: "audit.logging",
    title: "What users, operators and the network do is logged",
    source,
    promise: "Comprehensive audit logging",
    serves: ["IS.D.OR.245(a)(4)", "AC 120-78B"],
    inAccount: "That the application logs each event with its fields, and that each log has lines of today.",
    checks: [
      "cloudwatch_log_group_retention_policy_specific_days_enabled",
      "s3_bucket_server_access_logging_enabled",
      "rds_instance_integration_cloudwatch_logs",
      "elbv2_logging_enabled",
    ],
    judge: (planned) => ({
      findings: [
        ...each(planned.at("aws_ecs_task_definition.api"), "aws_ecs_task_definition.api", "the API's task", (one) => {
          const [api] = containersOf(one).filter(({ name }) => name === "api");
          const group = api?.logConfiguration.options?.["awslogs-group"] ?? "absent";
          return [
            states(
              one,
              "container_definitions.logConfiguration",
              group.replace(/^\$\{|\.name\}$/g, ""),
              "a log group",
              api?.logConfiguration.logDriver === "awslogs" && group !== "absent",
            ),
          ];
        }),
        ...each(planned.at("aws_s3_bucket.chunks"), "aws_s3_bucket.chunks", "a bucket of chunks", (bucket) => {
          const [logging] = companions(planned, bucket, "aws_s3_bucket_logging");
          return logging
            ? [refersTo(logging, "target_bucket", "a bucket of access logs", (to) => to.startsWith("aws_s3_bucket."))]
            : [missing("aws_s3_bucket_logging (chunks)", "access logs of the chunks")];
        }),
        ...each(planned.of("aws_lb"), "aws_lb", "a load balancer", (one) => [
          equals(one, "access_logs[0].enabled", true),
        ]),
        ...each(
          planned.of("aws_cloudwatch_log_delivery_source"),
          "aws_cloudwatch_log_delivery_source",
          "the access log of CloudFront",
          (one) => [equals(one, "log_type", "ACCESS_LOGS")],
        ),
        ...each(
          planned.of("aws_db_instance").filter((one) => attribute(one, "replicate_source_db").references.length === 0),
          "aws_db_instance",
          "a database",
          (one) => [
            needs(
              one,
              "enabled_cloudwatch_logs_exports",
              "postgresql",
              (value) => Array.isArray(value) && value.includes("postgresql"),
            ),
          ],
        ),
        ...each(planned.of("aws_ecs_cluster"), "aws_ecs_cluster", "a cluster", (one) => [
          equals(one, "configuration[0].execute_command_configuration[0].logging", "OVERRIDE"),
        ]),
      ],
    }),
  },
  {
    id: "custody.chain",
    title: "Each chunk gets a record, which nobody changes",
    source,
    promise: "Chain of custody tracking",
    serves: ["AMC1 21.B.55(a)", "AC 120-78B"],
    inAccount: "That every link holds: npm run verify:custody -- <environment> --objects.",
    checks: ["s3_bucket_event_notifications_enabled", "s3_bucket_object_lock"],
    judge: (planned) => ({
      findings: [
        ...each(planned.at("aws_s3_bucket.chunks"), "aws_s3_bucket.chunks", "a bucket of chunks", (bucket) =>
          notified(planned, bucket),
        ),
        ...each(
          planned.at("aws_lambda_event_source_mapping.custody"),
          "aws_lambda_event_source_mapping.custody",
          "the recorder reads the queue",
          (one) => [
            refersTo(one, "event_source_arn", "aws_sqs_queue.custody", (to) => to === "aws_sqs_queue.custody"),
            needs(one, "enabled", "true", (value) => value !== false),
          ],
        ),
        ...each(planned.at("aws_s3_bucket.audit"), "aws_s3_bucket.audit", "a bucket of records", (bucket) => {
          const [versioning] = companions(planned, bucket, "aws_s3_bucket_versioning");
          const [policy] = companions(planned, bucket, "aws_s3_bucket_policy");
          return [
            versioning
              ? equals(versioning, "versioning_configuration[0].status", "Enabled")
              : missing("aws_s3_bucket_versioning (audit)", "versions of the records"),
            ...(policy
              ? [
                  // An environment that may be destroyed must be able to delete its records.
                  ...(isDisposable(planned) === undefined
                    ? [denies(policy, "s3:DeleteObjectVersion", "Deny s3:DeleteObjectVersion")]
                    : []),
                  denies(policy, "s3:PutObject", "Deny s3:PutObject over a record", "s3:if-none-match"),
                ]
              : [missing("aws_s3_bucket_policy (audit)", "denial of deletion and of writing over")]),
          ];
        }),
        ...each(
          planned.at("aws_scheduler_schedule.verify_custody"),
          "aws_scheduler_schedule.verify_custody",
          "a daily verification",
          (one) => [
            needs(one, "schedule_expression", "once a day", (value) =>
              /^cron\(\d+ \d+ (\* \* \? \*|\? \* \* \*)\)$|^rate\(1 day\)$/.test(String(value)),
            ),
            equals(one, "state", "ENABLED"),
          ],
        ),
        ...["verify_custody_errors", "verify_custody_missing", "custody_dead_letters"].flatMap((label) =>
          heard(planned, `aws_cloudwatch_metric_alarm.${label}`),
        ),
      ],
    }),
  },
  {
    id: "framework.settings",
    title: "The API knows its frameworks and its period",
    source,
    promise: "Regulatory framework compliance",
    serves: [],
    inAccount: "What the application does with these: no plan shows it.",
    checks: [],
    judge: (planned) => ({
      findings: each(
        planned.at("aws_ecs_task_definition.api"),
        "aws_ecs_task_definition.api",
        "the API's task",
        (one) => {
          const variable = (name: string) =>
            containersOf(one)
              .find((container) => container.name === "api")
              ?.environment.find((candidate) => candidate.name === name)?.value;
          const frameworks = variable("COMPLIANCE_FRAMEWORK");
          const days = variable("AUDIT_RETENTION_DAYS");
          return [
            states(
              one,
              "container_definitions.environment.COMPLIANCE_FRAMEWORK",
              frameworks ?? "absent",
              "EASA and FAA",
              ["EASA", "FAA"].every((name) => frameworks?.split(",").includes(name)),
            ),
            states(
              one,
              "container_definitions.environment.AUDIT_RETENTION_DAYS",
              days ?? "absent",
              `at least ${sevenYearsInDays}`,
              Number(days) >= sevenYearsInDays,
            ),
          ];
        },
      ),
    }),
  },
  {
    id: "audit.reporting",
    title: "An event that must be reported reaches a person",
    source: "Setup guide, ELK Stack for Advanced Logging, aviation compliance alerts",
    promise: "if [compliance][requiresReporting] == true, email to compliance@skymanuals.com",
    serves: ["IS.I.OR.230"],
    inAccount: "That the subscription was confirmed, and that somebody reads the mail in time.",
    checks: ["sns_subscription_not_using_http_endpoints"],
    judge: (planned) => ({
      findings: reporting(planned),
      meaning:
        "The alarm comes within minutes of the log line. The 72 hours of the rule count from when the event is known.",
    }),
  },
];

/** Noncurrent and current versions of the chunks. */
export function chunksKeptFor(planned: PlannedResources, days: number): Finding[] {
  return each(planned.at("aws_s3_bucket.chunks"), "aws_s3_bucket.chunks", "a bucket of chunks", (bucket) => {
    const [versioning] = companions(planned, bucket, "aws_s3_bucket_versioning");
    const lifecycles = companions(planned, bucket, "aws_s3_bucket_lifecycle_configuration");
    return [
      versioning
        ? equals(versioning, "versioning_configuration[0].status", "Enabled")
        : missing("aws_s3_bucket_versioning (chunks)", "versions"),
      equals(bucket, "force_destroy", false),
      ...lifecycles.flatMap((one) =>
        rulesOf(one).flatMap((_, index) => [
          needs(
            one,
            `rule[${index}].noncurrent_version_expiration[0].noncurrent_days`,
            `none, or at least ${days} days`,
            (value, isUnknown) => (value === undefined && !isUnknown) || Number(value) >= days,
          ),
          needs(
            one,
            `rule[${index}].expiration[0].days`,
            `none, or at least ${days} days`,
            (value, isUnknown) => (value === undefined && !isUnknown) || value === 0 || Number(value) >= days,
          ),
        ]),
      ),
    ];
  });
}

/** What becomes of the version that is in use. */
function currentChunks(planned: PlannedResources): string {
  const days = planned
    .at("aws_s3_bucket.chunks")
    .flatMap((bucket) => companions(planned, bucket, "aws_s3_bucket_lifecycle_configuration"))
    .flatMap((one) => rulesOf(one).map((_, index) => attribute(one, `rule[${index}].expiration[0].days`).value))
    .find((value) => typeof value === "number" && value > 0);
  return days === undefined
    ? "A chunk in use never expires; a replaced or deleted one is kept for the days above."
    : `A chunk that did not change for ${days} days is hidden from readers even while its manual is in use: this is the documented rule, and nothing that a rule of EASA or the FAA asks. Its bytes stay for the days of noncurrent versions after that, and deleting the delete marker brings it back. storage.currentChunks decides.`;
}

function rulesOf({ values }: Planned): readonly unknown[] {
  return Array.isArray(values.rule) ? values.rule : [];
}

/** The API's own log, and the sessions in its tasks. */
const auditLogs = ["aws_cloudwatch_log_group.api", "aws_cloudwatch_log_group.ecs"] as const;

export function logsArchivedFor(planned: PlannedResources, days: number): Finding[] {
  return auditLogs.flatMap((address) =>
    each(planned.at(address), address, "a log group", (group) => {
      const kept = attribute(group, "retention_in_days").value;
      if (kept === undefined || kept === 0 || Number(kept) >= days) {
        return [needs(group, "retention_in_days", `at least ${days} days`, () => true)];
      }
      const filters = planned
        .pointingAt(group, "aws_cloudwatch_log_subscription_filter", "log_group_name", group.values.name)
        .filter((one) =>
          attribute(one, "destination_arn").references.some((to) =>
            to.startsWith("aws_kinesis_firehose_delivery_stream."),
          ),
        );
      return some(filters, `${address} (archive)`, `a subscription that archives it for ${days} days`, (filter) => [
        needs(filter, "filter_pattern", "every line", (value) => String(value ?? "").trim() === ""),
        ...each(
          attribute(filter, "destination_arn").references.flatMap((to) => planned.at(to)),
          `${filter.address} (stream)`,
          "a delivery stream",
          (stream) =>
            each(
              bucketsOf(planned, stream, "extended_s3_configuration[0].bucket_arn"),
              `${stream.address} (bucket)`,
              "a locked bucket",
              (bucket) => lockedFor(planned, bucket, days),
            ),
        ),
      ]);
    }),
  );
}

export function trailKeptFor(planned: PlannedResources, days: number): Finding[] {
  return some(planned.of("aws_cloudtrail"), "aws_cloudtrail", "a trail into a locked bucket", (trail) => {
    const buckets = bucketsOf(planned, trail, "s3_bucket_name");
    return buckets.length > 0
      ? buckets.flatMap((bucket) => lockedFor(planned, bucket, days))
      : [refersTo(trail, "s3_bucket_name", "a bucket of these plans", (to) => to.startsWith("aws_s3_bucket."))];
  });
}

/** The buckets of these plans that an argument refers to, or names. */
function bucketsOf(planned: PlannedResources, resource: Planned, argument: string): Planned[] {
  const { references, value } = attribute(resource, argument);
  const referred = references.flatMap((to) => planned.at(to)).filter(({ type }) => type === "aws_s3_bucket");
  return referred.length > 0
    ? referred
    : planned.of("aws_s3_bucket").filter(({ values }) => values.bucket !== undefined && values.bucket === value);
}

export function databaseKeptFor(planned: PlannedResources, days: number): Finding[] {
  const plans = planned.of("aws_backup_plan").flatMap((plan) => {
    const rules = (plan.values.rule ?? []) as readonly { readonly lifecycle?: readonly { delete_after?: number }[] }[];
    return rules.map((_, index) => ({ plan, path: `rule[${index}].lifecycle[0].delete_after` }));
  });
  const longest = plans
    .map(({ plan, path }) => atLeast(plan, path, days, "days"))
    .sort((one, other) => Number(other.ok) - Number(one.ok));
  return [
    ...(longest[0] ? [longest[0]] : [missing("aws_backup_plan", `a rule that keeps for at least ${days} days`)]),
    ...each(planned.of("aws_backup_selection"), "aws_backup_selection", "a selection of what is backed up", (one) => [
      refersTo(one, "plan_id", "a plan", (to) => to.startsWith("aws_backup_plan.")),
    ]),
    ...some(
      planned.of("aws_backup_vault_lock_configuration"),
      "aws_backup_vault_lock_configuration",
      "a lock of the vault",
      (one) => [needs(one, "min_retention_days", "a shortest period", (value) => Number(value) >= 1)],
    ),
  ];
}

function notified(planned: PlannedResources, bucket: Planned): Finding[] {
  const [notification] = companions(planned, bucket, "aws_s3_bucket_notification");
  if (!notification) {
    return [missing("aws_s3_bucket_notification (chunks)", "a message of each new object")];
  }
  return [
    needs(
      notification,
      "queue[0].events",
      "s3:ObjectCreated:*",
      (value) => Array.isArray(value) && value.includes("s3:ObjectCreated:*"),
    ),
    refersTo(notification, "queue[0].queue_arn", "aws_sqs_queue.custody", (to) => to === "aws_sqs_queue.custody"),
  ];
}

function denies(policy: Planned, action: string, needed: string, condition = ""): Finding {
  const denial = statements(policy)?.find(
    (statement) =>
      statement.effect === "Deny" &&
      statement.actions.includes(action) &&
      JSON.stringify(statement.principal) === '"*"' &&
      (condition === ""
        ? statement.condition === undefined
        : JSON.stringify(statement.condition ?? {}).includes(condition)),
  );
  return states(policy, "policy", denial ? `Deny ${denial.sid}` : "no such denial", needed, denial !== undefined);
}

/** An alarm that is on, and tells a topic. */
export function heard(planned: PlannedResources, address: string): Finding[] {
  return each(planned.at(address), address, "an alarm", (alarm) => [
    refersTo(alarm, "alarm_actions", "a topic", (to) => to.startsWith("aws_sns_topic.")),
    needs(alarm, "actions_enabled", "true", (value) => value !== false),
  ]);
}

export function reporting(planned: PlannedResources): Finding[] {
  return [
    ...each(
      planned.at("aws_cloudwatch_log_metric_filter.compliance_alerts"),
      "aws_cloudwatch_log_metric_filter.compliance_alerts",
      "a filter of events that must be reported",
      (one) => [
        needs(one, "pattern", "requiresReporting", (value) => String(value).includes("requiresReporting")),
        refersTo(one, "log_group_name", "the API's log group", (to) => to === "aws_cloudwatch_log_group.api"),
      ],
    ),
    ...heard(planned, "aws_cloudwatch_metric_alarm.compliance_alerts"),
    ...each(
      planned
        .of("aws_sns_topic_subscription")
        .filter((one) => attribute(one, "topic_arn").references.includes("aws_sns_topic.compliance_alerts")),
      "aws_sns_topic_subscription (compliance_alerts)",
      "a subscription",
      (one) => [needs(one, "endpoint", "an address", (value) => String(value ?? "") !== "")],
    ),
  ];
}
