import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Fn, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { logStoreName } from "../facts/elasticsearch";
import type { Elasticsearch } from "./elasticsearch";
import type { Deployment } from "./parts/deployment";
import { keyStatements } from "./parts/key";
import { NodeFunction } from "./parts/node-function";
import { Output } from "./parts/output";
import { actingFor, assumedBy, policyDocument } from "./parts/policy-document";
import { PrivateBucket } from "./parts/private-bucket";
import type { Vpc } from "./vpc";

export interface ElasticsearchBootstrapProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  readonly elasticsearch: Elasticsearch;
  /** The variable `elasticsearch_instance_count`. */
  readonly instanceCount: number;
  /** The variable `elasticsearch_volume_size`, GiB. */
  readonly volumeSize: number;
  /** Days that the index of a day is kept. */
  readonly retentionDays: number;
  /** Of the bucket that takes manual snapshots. */
  readonly snapshotsBucket: string;
  /** Terraform refuses to plan the destruction of the bucket. */
  readonly preventDestroy: boolean;
  /** Let Terraform delete the bucket with every snapshot in it. */
  readonly forceDestroy: boolean;
}

/**
 * What the log store needs inside: the index template, the policy of its indices' lives, the repository of manual snapshots and
 * Kibana's dashboard. A function in the VPC puts them there when this is applied, and again whenever one of them, the domain, its size
 * or the function itself has changed. It writes what differs only; the apply fails with the domain's answer where that refuses.
 *
 * The bucket holds data once somebody takes a snapshot; nothing in it expires, because a snapshot shares its files with others.
 * Costs 0.023 USD per GB and month of snapshots (S3 Standard, us-east-1), and nothing without them.
 */
export class ElasticsearchBootstrap extends Construct {
  /** What writes to the log store depends on these. */
  readonly ready: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ElasticsearchBootstrapProps) {
    super(scope, id);
    const { prefix, region, accountId, keys } = props.deployment;
    const { domain, arn } = props.elasticsearch;

    const { bucket, policy } = new PrivateBucket(this, "log_snapshots", {
      bucketName: props.snapshotsBucket,
      tags: { Name: `${prefix}-log-snapshots` },
      preventDestroy: props.preventDestroy,
      forceDestroy: props.forceDestroy,
      kmsKeyArn: keys?.logs?.arn,
      // A snapshot that somebody deletes or writes over is to be found for a month: Elasticsearch itself keeps no versions.
      versioned: true,
      lifecycle: {
        rules: [
          {
            id: "expire-replaced-versions",
            noncurrentVersionExpiration: [{ noncurrentDays: 30 }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
          },
        ],
      },
    });
    const role = new IamRole(this, "aws_iam_role.log_snapshots", {
      name: `${prefix}-log-snapshots`,
      // Amazon OpenSearch Service Developer Guide, "Creating index snapshots", prerequisites.
      assumeRolePolicy: assumedBy("es.amazonaws.com", actingFor(accountId, arn)),
      tags: { Name: `${prefix}-log-snapshots` },
    });
    const access = new IamRolePolicy(this, "aws_iam_role_policy.log_snapshots", {
      name: "keep",
      role: role.id,
      policy: policyDocument(
        { Sid: "FindSnapshots", Action: ["s3:ListBucket"], Resource: [bucket.arn] },
        {
          Sid: "KeepSnapshots",
          Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
          Resource: [`${bucket.arn}/*`],
        },
        ...keyStatements(keys?.logs, "read and write", "SnapshotsKey", "s3"),
      ),
    });

    const { lambda } = new NodeFunction(this, "bootstrap_elasticsearch", {
      deployment: props.deployment,
      description: "Template, policy, snapshot repository and dashboard of the log store",
      source: "bootstrap-elasticsearch",
      network: props.network,
      securityGroup: props.securityGroup,
      environmentVariables: {},
      statements: [
        {
          // In one account the caller's own policy suffices (the same guide, "Identity and Access Management", when policies
          // collide): the domain's names Logstash and operators only.
          Sid: "Prepare",
          Action: ["es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"],
          // Neither documents nor searches.
          Resource: [
            `${arn}/`,
            `${arn}/_template/${logStoreName}`,
            `${arn}/_opendistro/_ism/*`,
            `${arn}/_snapshot/${logStoreName}`,
            `${arn}/_plugin/kibana/api/saved_objects/*`,
          ],
        },
        // Without a condition on iam:PassedToService: AWS documents none for the repository's role.
        { Sid: "PassSnapshotRole", Action: ["iam:PassRole"], Resource: [role.arn] },
      ],
      timeoutSeconds: 900,
      memoryMiB: 512,
      dependsOn: [...props.network.egress],
    });

    const invocation = new LambdaInvocation(this, "aws_lambda_invocation.bootstrap_elasticsearch", {
      functionName: lambda.functionName,
      lifecycleScope: "CREATE_ONLY",
      input: Fn.jsonencode({
        endpoint: domain.endpoint,
        dataNodes: props.instanceCount,
        volumeGiB: props.volumeSize,
        retentionDays: props.retentionDays,
        snapshots: { bucket: bucket.bucket, region, roleArn: role.arn },
      }),
      // The code holds the template and the dashboard.
      triggers: { code: lambda.sourceCodeHash, domain: domain.domainId },
      dependsOn: [access, policy],
    });
    this.ready = [invocation];

    new Output(
      this,
      "elasticsearch_bootstrap",
      invocation.result,
      "What the bootstrap of the log store did when it last ran, as JSON",
    );
    new Output(
      this,
      "log_snapshots_bucket",
      bucket.bucket,
      `Bucket of the log store's snapshot repository ${logStoreName}`,
    );
  }
}
