import { development } from "../../environments/development";
import { at } from "../support/blocks";
import { synthesizeProduction, synthesizeServing } from "../support/environments";
import { type Block, synthesizePlatform } from "../support/synth";

const stack = synthesizeProduction();
const small = synthesizePlatform(development);
const bucket = "${aws_s3_bucket.log_archive.id}";

describe("the bucket", () => {
  test("has versions and Object Lock, and Terraform does not destroy it", () => {
    expect(stack.resource("aws_s3_bucket.log_archive")).toEqual({
      bucket: "production-skymanuals-log-archive",
      object_lock_enabled: true,
      force_destroy: false,
      tags: { Name: "skymanuals-log-archive" },
      lifecycle: { prevent_destroy: true },
    });
    expect(stack.resource("aws_s3_bucket_object_lock_configuration.log_archive")).toEqual({
      bucket,
      rule: { default_retention: { days: 2557, mode: "GOVERNANCE" } },
      depends_on: ["aws_s3_bucket_versioning.log_archive"],
    });
  });

  test("objects and Firehose's log are under the key of the logs, which Firehose's role may use through S3", () => {
    expect(
      at(
        stack.resource("aws_s3_bucket_server_side_encryption_configuration.log_archive"),
        "rule.0.apply_server_side_encryption_by_default.kms_master_key_id",
      ),
    ).toBe("${aws_kms_key.logs.arn}");
    expect(stack.resource("aws_cloudwatch_log_group.log_archive").kms_key_id).toBe("${aws_kms_key.logs.arn}");
    expect(stack.statement("aws_iam_role_policy.log_archive", "ArchiveKey")).toMatchObject({
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: ["${aws_kms_key.logs.arn}"],
      Condition: { StringEquals: { "kms:ViaService": ["s3.${var.aws_region}.amazonaws.com"] } },
    });
    const plain = synthesizeProduction({ encryption: "aws" });
    expect(JSON.stringify(plain.statements("aws_iam_role_policy.log_archive"))).not.toContain("kms:");
  });

  test("mode and days are the environment's: the lock may end before the object does", () => {
    const other = synthesizeProduction({ archive: { lockMode: "COMPLIANCE", lockDays: 2600, retentionDays: 3653 } });
    expect(other.resource("aws_s3_bucket_object_lock_configuration.log_archive").rule).toEqual({
      default_retention: { days: 2600, mode: "COMPLIANCE" },
    });
    expect(at(other.resource("aws_s3_bucket_lifecycle_configuration.log_archive"), "rule.0.expiration.0.days")).toBe(
      3653,
    );
  });

  test("objects move to a class that Athena reads, and go when their time is over", () => {
    expect(stack.resource("aws_s3_bucket_lifecycle_configuration.log_archive").rule).toEqual([
      {
        id: "archive",
        status: "Enabled",
        filter: [{}],
        transition: [{ days: 90, storage_class: "GLACIER_IR" }],
        expiration: [{ days: 2557 }],
        noncurrent_version_expiration: [{ noncurrent_days: 30 }],
      },
      {
        id: "clean_up",
        status: "Enabled",
        filter: [{}],
        expiration: [{ expired_object_delete_marker: true }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      },
    ]);
  });

  test("nobody but Firehose writes, and nobody deletes where the environment is to stay", () => {
    const sids = (each: typeof stack) => each.statements("aws_s3_bucket_policy.log_archive").map(({ Sid }) => Sid);
    expect(sids(stack)).toEqual(["DenyInsecureTransport", "DenyOtherWriters", "DenyDeletion"]);
    expect(sids(small)).toEqual(["DenyInsecureTransport", "DenyOtherWriters"]);
    expect(stack.statement("aws_s3_bucket_policy.log_archive", "DenyOtherWriters")).toMatchObject({
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:PutObject"],
      Condition: {
        ArnNotEquals: {
          "aws:PrincipalArn": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/skymanuals-log-archive",
        },
      },
    });
    expect(stack.resource("aws_iam_role.log_archive").name).toBe("skymanuals-log-archive");
  });
});

test("Firehose writes lines of envelopes, compressed, below the day of their arrival", () => {
  expect(stack.resource("aws_kinesis_firehose_delivery_stream.log_archive")).toEqual({
    name: "skymanuals-log-archive",
    destination: "extended_s3",
    server_side_encryption: { enabled: true, key_type: "AWS_OWNED_CMK" },
    extended_s3_configuration: {
      role_arn: "${aws_iam_role.log_archive.arn}",
      bucket_arn: "${aws_s3_bucket.log_archive.arn}",
      prefix: "logs/day=!{timestamp:yyyy-MM-dd}/",
      error_output_prefix: "undelivered/!{firehose:error-output-type}/day=!{timestamp:yyyy-MM-dd}/",
      buffering_interval: 900,
      buffering_size: 128,
      compression_format: "GZIP",
      processing_configuration: {
        enabled: true,
        processors: [
          {
            type: "Decompression",
            parameters: [{ parameter_name: "CompressionFormat", parameter_value: "GZIP" }],
          },
          { type: "AppendDelimiterToRecord" },
        ],
      },
      cloudwatch_logging_options: {
        enabled: true,
        log_group_name: "${aws_cloudwatch_log_group.log_archive.name}",
        log_stream_name: "${aws_cloudwatch_log_stream.log_archive.name}",
      },
    },
    tags: { Name: "skymanuals-log-archive" },
    depends_on: [
      "aws_iam_role_policy.log_archive",
      "aws_s3_bucket_object_lock_configuration.log_archive",
      "aws_s3_bucket_policy.log_archive",
    ],
  });
});

describe("what is archived", () => {
  const filters = stack
    .resources("aws_cloudwatch_log_subscription_filter")
    .filter(({ label }) => label.startsWith("archive_"));

  test("the API, commands in containers, migrations, and what keeps the users of the database and the custody", () => {
    expect(filters.map(({ config }) => config.log_group_name)).toEqual(
      ["api", "bootstrap_database", "custody", "ecs", "migrations", "verify_custody"].map(
        (label) => `\${aws_cloudwatch_log_group.${label}.name}`,
      ),
    );
    expect(stack.resource("aws_cloudwatch_log_subscription_filter.archive_verify_custody")).toEqual({
      name: "skymanuals-log-archive-verify-custody",
      log_group_name: "${aws_cloudwatch_log_group.verify_custody.name}",
      filter_pattern: "",
      destination_arn: "${aws_kinesis_firehose_delivery_stream.log_archive.arn}",
      role_arn: "${aws_iam_role.log_archive_feed.arn}",
      depends_on: ["aws_iam_role_policy.log_archive_feed"],
    });
  });

  test("its own log is not: it would feed itself", () => {
    expect(JSON.stringify(filters)).not.toContain("aws_cloudwatch_log_group.log_archive");
  });

  test("a group has at most two subscription filters, and loses nothing before Firehose gives up", () => {
    for (const each of synthesizeServing()) {
      const counts = new Map<string, number>();
      for (const { config } of each.resources("aws_cloudwatch_log_subscription_filter")) {
        const group = String(config.log_group_name);
        counts.set(group, (counts.get(group) ?? 0) + 1);
        const label = /aws_cloudwatch_log_group\.(\w+)\./.exec(group)?.[1];
        // A day in which CloudWatch Logs tries, and another of Firehose.
        expect(Number(each.resource(`aws_cloudwatch_log_group.${label}`).retention_in_days)).toBeGreaterThan(2);
      }
      expect(Math.max(...counts.values())).toBe(2);
    }
  });
});

describe("what Athena reads", () => {
  const table = stack.resource("aws_glue_catalog_table.log_archive");

  test("a table over the same folder, whose days are computed", () => {
    expect(table).toMatchObject({
      name: "logs",
      table_type: "EXTERNAL_TABLE",
      database_name: "${aws_glue_catalog_database.log_archive.name}",
      parameters: {
        "projection.enabled": "true",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": "NOW-2557DAYS,NOW",
        "storage.location.template": "s3://production-skymanuals-log-archive/logs/day=$${day}/",
      },
      partition_keys: [{ name: "day", type: "string" }],
      storage_descriptor: {
        location: "s3://production-skymanuals-log-archive/logs/",
        compressed: true,
        ser_de_info: { serialization_library: "org.openx.data.jsonserde.JsonSerDe" },
      },
    });
    expect(stack.resource("aws_glue_catalog_database.log_archive").name).toBe("skymanuals_archive");
    expect(small.resource("aws_glue_catalog_database.log_archive").name).toBe("skymanuals_development_archive");
  });

  test("the members of CloudWatch's envelope, in lower case", () => {
    const columns = at(table, "storage_descriptor.columns") as Block[];
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ["messagetype", "string"],
      ["owner", "string"],
      ["loggroup", "string"],
      ["logstream", "string"],
      ["subscriptionfilters", "array<string>"],
      ["logevents", "array<struct<id:string,timestamp:bigint,message:string>>"],
    ]);
  });

  test("results lie outside of the archive, which would lock them, for a week, and cost at most half a USD each", () => {
    expect(stack.resource("aws_athena_workgroup.log_archive")).toMatchObject({
      force_destroy: true,
      configuration: {
        enforce_workgroup_configuration: true,
        bytes_scanned_cutoff_per_query: 100_000_000_000,
        result_configuration: {
          output_location: "s3://${aws_s3_bucket.access_logs.bucket}/athena/",
          encryption_configuration: { encryption_option: "SSE_S3" },
        },
      },
    });
    expect(String(stack.resource("aws_athena_named_query.log_archive").query)).toContain(
      "AND loggroup = '${aws_cloudwatch_log_group.api.name}'",
    );
  });
});
