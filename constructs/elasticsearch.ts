import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { ElasticsearchDomain } from "@cdktf/provider-aws/lib/elasticsearch-domain";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Construct } from "constructs";
import { elasticsearchVersion } from "../facts/elasticsearch";
import { ElasticsearchAlarms } from "./elasticsearch-alarms";
import type { Alerting } from "./parts/alarm";
import type { Deployment } from "./parts/deployment";
import { Output } from "./parts/output";
import { policyDocument } from "./parts/policy-document";
import type { Vpc } from "./vpc";

export interface ElasticsearchProps {
  readonly deployment: Deployment;
  readonly network: Vpc;
  readonly zoneCount: number;
  /** The variable `elasticsearch_instance_type`. */
  readonly instanceType: string;
  /** The variable `elasticsearch_instance_count`. */
  readonly instanceCount: number;
  /** The variable `elasticsearch_master_instance_type`. */
  readonly masterInstanceType: string;
  /** 0, 3 or 5. */
  readonly dedicatedMasterCount: number;
  /** The variable `elasticsearch_volume_size`, GiB. */
  readonly volumeSize: number;
  /** Security groups whose members may connect. */
  readonly clients: readonly SecurityGroup[];
  /** The variable `allowed_ips`. */
  readonly allowedIps: string[];
  /** ARNs of the roles that may read and write the indices. */
  readonly roleArns: readonly string[];
  /** Terraform refuses to plan the destruction of the domain. */
  readonly preventDestroy: boolean;
  readonly alerting: Alerting;
}

/**
 * elasticsearch.tf: the log store. Holds data. AWS creates it only in an account that has the service-linked role of
 * `skymanuals-account-<account>`.
 *
 * AWS takes a snapshot each hour and keeps 336 of them, 14 days, at no charge. It is not asked for: the argument for the hour of a
 * daily snapshot has no effect since version 5.3 (Amazon OpenSearch Service Developer Guide, "Creating index snapshots").
 */
export class Elasticsearch extends Construct {
  readonly domain: ElasticsearchDomain;
  /** The domain's ARN, known before it exists: what names it does not wait for it. */
  readonly arn: string;

  constructor(scope: Construct, id: string, props: ElasticsearchProps) {
    super(scope, id);
    const { network } = props;
    const { prefix, keys } = props.deployment;
    const domainName = `${prefix}-logs`;
    this.arn = `arn:aws:es:${props.deployment.region}:${props.deployment.accountId}:domain/${domainName}`;

    const securityGroup = new SecurityGroup(this, "aws_security_group.elasticsearch", {
      namePrefix: `${prefix}-elasticsearch-`,
      vpcId: network.vpc.id,
      // allowed_ips stood in the domain's policy, where AWS refuses addresses for a domain in a VPC.
      ingress: [
        {
          fromPort: 443,
          toPort: 443,
          protocol: "tcp",
          securityGroups: props.clients.map((client) => client.id),
          cidrBlocks: props.allowedIps,
        },
      ],
      // Everything in the documented file: it answers, and calls nobody.
      egress: [],
      tags: { Name: `${prefix}-elasticsearch-sg` },
      lifecycle: { createBeforeDestroy: true },
    });

    const logTypes = {
      ES_APPLICATION_LOGS: "application",
      INDEX_SLOW_LOGS: "index_slow",
      SEARCH_SLOW_LOGS: "search_slow",
    };
    const logPublishingOptions = Object.entries(logTypes).map(([logType, label]) => ({
      logType,
      // The account's one resource policy admits Elasticsearch to log groups of this prefix.
      cloudwatchLogGroupArn: new CloudwatchLogGroup(this, `elasticsearch_${label}`, {
        name: `/aws/aes/domains/${domainName}/${label.replace("_", "-")}`,
        retentionInDays: 30,
        kmsKeyId: keys?.logs?.arn,
        tags: { Name: `${domainName}-${label.replace("_", "-")}` },
      }).arn,
    }));

    this.domain = new ElasticsearchDomain(this, "aws_elasticsearch_domain.skymanuals", {
      domainName,
      elasticsearchVersion,
      clusterConfig: {
        instanceType: props.instanceType,
        instanceCount: props.instanceCount,
        ...(props.dedicatedMasterCount === 0
          ? { dedicatedMasterEnabled: false }
          : {
              dedicatedMasterEnabled: true,
              // master_instance_type and master_instance_count in the documented file: no arguments of the provider.
              dedicatedMasterType: props.masterInstanceType,
              dedicatedMasterCount: props.dedicatedMasterCount,
            }),
        zoneAwarenessEnabled: true,
        zoneAwarenessConfig: { availabilityZoneCount: props.zoneCount },
      },
      ebsOptions: { ebsEnabled: true, volumeType: "gp3", volumeSize: props.volumeSize },
      vpcOptions: { subnetIds: network.privateSubnetIds, securityGroupIds: [securityGroup.id] },
      // The ARN: the domain answers with it, whatever it was given.
      encryptAtRest: { enabled: true, kmsKeyId: keys?.data?.arn },
      // Policy-Min-TLS-1-2-2019-07 in the documented file: without forward secrecy and TLS 1.3. Changed in place.
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: "Policy-Min-TLS-1-2-PFS-2023-10" },
      nodeToNodeEncryption: { enabled: true },
      logPublishingOptions,
      accessPolicies: policyDocument({
        Principal: { AWS: props.roleArns },
        Action: ["es:ESHttp*"],
        Resource: [`${this.arn}/*`],
      }),
      tags: { Name: `${prefix}-elasticsearch`, Environment: props.deployment.environment },
      lifecycle: { preventDestroy: props.preventDestroy },
    });

    new ElasticsearchAlarms(this, "alarms", {
      alerting: props.alerting,
      accountId: props.deployment.accountId,
      domain: this.domain,
      instanceCount: props.instanceCount,
      dedicatedMasterCount: props.dedicatedMasterCount,
      volumeSize: props.volumeSize,
    });
    new Output(this, "elasticsearch_domain", this.domain.domainName, "Elasticsearch domain of the log store");
    new Output(this, "elasticsearch_endpoint", this.domain.endpoint, "Host name of the log store, inside the VPC");
  }
}
