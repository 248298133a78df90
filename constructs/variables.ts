import { TerraformVariable, type TerraformVariableConfig, VariableType } from "cdktf";
import { Construct } from "constructs";
import { applicationUsers } from "../facts/application-users";
import {
  allowedNetworks,
  elasticsearchNodes,
  elasticsearchVolumeGiB,
  reservedUsernamePrefix,
  reservedUsernames,
} from "../facts/aws-limits";
import {
  allowedIpPrefixMinimum,
  databaseUsernameForm,
  ecrRepositoryUrlForm,
  type Form,
  imageTagForm,
} from "../facts/forms";
import {
  databaseClassesInWords,
  databaseClassPattern,
  databaseClassPatternFrom,
  elasticsearchDataFamiliesRefused,
  elasticsearchGp3MaximumGiBByType,
  elasticsearchMasterFamiliesRefused,
  elasticsearchTypeForm,
  redisNodeTypePattern,
  redisNodeTypesInWords,
} from "../facts/instance-classes";

/** Defaults of the variables: the environment's values. */
export interface VariablesProps {
  readonly awsRegion: string;
  readonly environment: string;
  readonly databaseInstanceClass: string;
  /** GiB that the connections of all API tasks need; see facts/capacity.ts. */
  readonly databaseMemoryGiB: number;
  readonly databaseUsername: string;
  readonly databasePasswordVersion: number;
  /** The first of the users that the application connects as, which the master user cannot be. */
  readonly applicationUsername: string;
  readonly redisNodeType: string;
  /** Null: a repository of our own, unless the variable names another. */
  readonly ecrRepositoryUrl: string | null;
  readonly apiImageTag: string;
  readonly apiDesiredCount: number;
  readonly apiMaximumCount: number;
  readonly elasticsearchInstanceType: string;
  readonly elasticsearchInstanceCount: number;
  /** Data nodes that the private subnets have addresses for. */
  readonly elasticsearchDataNodes: number;
  readonly elasticsearchMasterInstanceType: string;
  /** 0: the master type is not used. */
  readonly dedicatedMasterCount: number;
  readonly elasticsearchVolumeSizeGiB: number;
  readonly zoneCount: number;
  readonly allowedIps: readonly string[];
  /** `allowedIps` is also who reaches the API: the list may not be empty. */
  readonly restrictToAllowedIps: boolean;
}

/**
 * The guide's thirteen variables, with the environment's values as defaults, and three of ours: the image tag (the guide
 * deploys `:latest`), the version of the database password, and the load balancer's secret header.
 */
export class Variables extends Construct {
  readonly awsRegion: string;
  readonly environment: string;
  readonly databaseInstanceClass: string;
  readonly databaseUsername: string;
  /** Ephemeral: for write-only arguments only. Null when the password is to be generated. */
  readonly databasePassword: string;
  readonly databasePasswordVersion: number;
  /** Ephemeral: for write-only arguments only. Null when the header's value is to be generated. */
  readonly originHeaderSecret: string;
  readonly redisNodeType: string;
  readonly ecrRepositoryUrl: string;
  readonly apiImageTag: string;
  readonly apiDesiredCount: number;
  readonly elasticsearchInstanceType: string;
  readonly elasticsearchInstanceCount: number;
  readonly elasticsearchMasterInstanceType: string;
  readonly elasticsearchVolumeSize: number;
  readonly allowedIps: string[];

  constructor(scope: Construct, id: string, props: VariablesProps) {
    super(scope, id);
    const applicationNames = Object.values(applicationUsers(props.applicationUsername.toLowerCase(), 1));

    this.awsRegion = this.declare("aws_region", {
      description: "AWS region of this environment. It cannot be overridden: another region is another environment.",
      type: VariableType.STRING,
      default: props.awsRegion,
      validation: [
        {
          condition: `\${var.aws_region == "${props.awsRegion}"}`,
          errorMessage: `aws_region must be ${props.awsRegion}: this stack is synthesized for that region. Another region is another file in environments/.`,
        },
      ],
    }).stringValue;

    this.environment = this.declare("environment", {
      description: "Name of this environment. It cannot be overridden: names and addresses are synthesized for it.",
      type: VariableType.STRING,
      default: props.environment,
      validation: [
        {
          condition: `\${var.environment == "${props.environment}"}`,
          errorMessage: `environment must be ${props.environment}: plan the stack of the other environment instead.`,
        },
      ],
    }).stringValue;

    this.databaseInstanceClass = this.declare("database_instance_class", {
      description: "RDS instance class, such as db.t3.medium.",
      type: VariableType.STRING,
      default: props.databaseInstanceClass,
      validation: [
        {
          condition: `\${${matches("database_instance_class", [databaseClassPattern])}}`,
          errorMessage: `database_instance_class must be an RDS instance class that runs PostgreSQL 15, such as db.t3.medium: db. and ${databaseClassesInWords}.`,
        },
        {
          condition: `\${!${matches("database_instance_class", [databaseClassPattern])} || ${matches("database_instance_class", [databaseClassPatternFrom(props.databaseMemoryGiB)])}}`,
          errorMessage: `database_instance_class must have ${Math.ceil(props.databaseMemoryGiB)} GiB of memory or more: the connections of all API tasks in a deployment take as much.`,
        },
      ],
    }).stringValue;

    this.databaseUsername = this.declare("database_username", {
      description:
        "Master user of the database: 1 to 63 letters, digits and underscores, a letter first. A change replaces the database.",
      type: VariableType.STRING,
      default: props.databaseUsername,
      validation: [
        {
          condition: `\${${matches("database_username", databaseUsernameForm)} && !startswith(lower(var.database_username), "${reservedUsernamePrefix}") && !contains(${JSON.stringify([...reservedUsernames])}, lower(var.database_username))}`,
          errorMessage:
            "database_username must be 1 to 63 letters, digits and underscores, start with a letter and not with pg_, and be no reserved word of RDS or PostgreSQL such as admin, rdsadmin or user.",
        },
        {
          condition: `\${!contains(${JSON.stringify(applicationNames)}, lower(var.database_username))}`,
          errorMessage: `database_username must not be ${applicationNames.join(" or ")}: those are the application's users, which own nothing.`,
        },
      ],
    }).stringValue;

    const databasePassword = this.declare("database_password", {
      description:
        "Master password of the database, written when database_password_version changes. Null: one is generated in Secrets Manager.",
      type: VariableType.STRING,
      sensitive: true,
      nullable: true,
      validation: [
        {
          condition:
            '${var.database_password == null ? true : can(regex("^[!-~]{8,128}$", var.database_password)) && !can(regex("[/@\\"]", var.database_password))}',
          errorMessage:
            "database_password must be 8 to 128 printable ASCII characters other than slash, @, quotation mark and space.",
        },
      ],
    });
    databasePassword.addOverride("ephemeral", true);
    databasePassword.addOverride("default", null);
    this.databasePassword = databasePassword.stringValue;

    this.databasePasswordVersion = this.declare("database_password_version", {
      description: "Raise it to rotate the database password: to database_password, or to a newly generated one.",
      type: VariableType.NUMBER,
      default: props.databasePasswordVersion,
      validation: [
        {
          condition:
            "${var.database_password_version >= 1 && floor(var.database_password_version) == var.database_password_version}",
          errorMessage: "database_password_version must be a whole number, 1 or more.",
        },
      ],
    }).numberValue;

    const originHeaderSecret = this.declare("origin_header_secret", {
      description:
        "Value of the header by which the load balancer recognises CloudFront, written when api.originSecretVersion changes. Null: one is generated in Secrets Manager.",
      type: VariableType.STRING,
      sensitive: true,
      nullable: true,
      validation: [
        {
          // At most 128 characters in a listener rule, where * and ? are wildcards.
          condition:
            '${var.origin_header_secret == null ? true : can(regex("^[A-Za-z0-9_.~+/=-]{16,128}$", var.origin_header_secret))}',
          errorMessage:
            "origin_header_secret must be 16 to 128 letters, digits and _ . ~ + / = -, such as the output of openssl rand -base64 33.",
        },
      ],
    });
    originHeaderSecret.addOverride("ephemeral", true);
    originHeaderSecret.addOverride("default", null);
    this.originHeaderSecret = originHeaderSecret.stringValue;

    this.redisNodeType = this.declare("redis_node_type", {
      description: "ElastiCache node type, such as cache.t3.micro.",
      type: VariableType.STRING,
      default: props.redisNodeType,
      validation: [
        {
          condition: `\${${matches("redis_node_type", [redisNodeTypePattern])}}`,
          errorMessage: `redis_node_type must be an ElastiCache node type that new clusters can have without data tiering, such as cache.t3.micro: cache. and ${redisNodeTypesInWords}.`,
        },
      ],
    }).stringValue;

    const ownRepository = props.ecrRepositoryUrl === null;
    const repositoryForm = matches("ecr_repository_url", ecrRepositoryUrlForm);
    const ecrRepositoryUrl = this.declare("ecr_repository_url", {
      description: `ECR repository of the API image, <account>.dkr.ecr.<region>.amazonaws.com/<name>, without a tag.${ownRepository ? " Null: this environment's own." : ""}`,
      type: VariableType.STRING,
      nullable: ownRepository,
      ...(props.ecrRepositoryUrl === null ? {} : { default: props.ecrRepositoryUrl }),
      validation: [
        {
          condition: ownRepository
            ? `\${var.ecr_repository_url == null ? true : ${repositoryForm}}`
            : `\${${repositoryForm}}`,
          errorMessage:
            "ecr_repository_url must be <account>.dkr.ecr.<region>.amazonaws.com/<name>, without a tag; the tag is api_image_tag. The name has 2 to 256 lower-case letters and digits, with single separators . _ - / between them.",
        },
      ],
    });
    if (ownRepository) {
      ecrRepositoryUrl.addOverride("default", null);
    }
    this.ecrRepositoryUrl = ecrRepositoryUrl.stringValue;

    this.apiImageTag = this.declare("api_image_tag", {
      description:
        "Tag of the first API image, or its digest as sha256:<64 hexadecimal digits>. Releases write the SSM parameter <prefix>/api/image, and this is read no more.",
      type: VariableType.STRING,
      default: props.apiImageTag,
      validation: [
        {
          condition: `\${var.api_image_tag != "latest" && ${matches("api_image_tag", imageTagForm)}}`,
          errorMessage:
            "api_image_tag must be a tag other than latest, or sha256:<digest>: latest says nothing of what runs.",
        },
      ],
    }).stringValue;

    this.apiDesiredCount = this.declare("api_desired_count", {
      description: "API tasks that always run: autoscaling's minimum.",
      type: VariableType.NUMBER,
      default: props.apiDesiredCount,
      validation: [
        {
          condition: `\${var.api_desired_count >= 1 && var.api_desired_count <= ${props.apiMaximumCount} && floor(var.api_desired_count) == var.api_desired_count}`,
          errorMessage: `api_desired_count must be a whole number from 1 to ${props.apiMaximumCount}, the size's apiMaximumCount.`,
        },
      ],
    }).numberValue;

    this.elasticsearchInstanceType = this.declare("elasticsearch_instance_type", {
      description: "Instance type of the Elasticsearch data nodes, such as t3.medium.elasticsearch.",
      type: VariableType.STRING,
      default: props.elasticsearchInstanceType,
      validation: [elasticsearchType("elasticsearch_instance_type", elasticsearchDataFamiliesRefused)],
    }).stringValue;

    const mostNodes = Math.min(elasticsearchNodes.maximum, props.elasticsearchDataNodes);
    this.elasticsearchInstanceCount = this.declare("elasticsearch_instance_count", {
      description: `Elasticsearch data nodes over ${props.zoneCount} zones.`,
      type: VariableType.NUMBER,
      default: props.elasticsearchInstanceCount,
      validation: [
        props.zoneCount === 2
          ? {
              condition: `\${var.elasticsearch_instance_count >= 2 && var.elasticsearch_instance_count <= ${mostNodes} && var.elasticsearch_instance_count % 2 == 0}`,
              errorMessage: `elasticsearch_instance_count must be even over 2 zones, at most ${mostNodes}: 2, 4, ...`,
            }
          : {
              condition: `\${var.elasticsearch_instance_count >= ${props.zoneCount} && var.elasticsearch_instance_count <= ${mostNodes} && floor(var.elasticsearch_instance_count) == var.elasticsearch_instance_count}`,
              errorMessage: `elasticsearch_instance_count must be a whole number from ${props.zoneCount}, one in each zone, to ${mostNodes}.`,
            },
      ],
    }).numberValue;

    this.elasticsearchMasterInstanceType = this.declare("elasticsearch_master_instance_type", {
      description: "Instance type of the dedicated master nodes, such as t3.small.elasticsearch.",
      type: VariableType.STRING,
      default: props.elasticsearchMasterInstanceType,
      validation: [
        elasticsearchType("elasticsearch_master_instance_type", elasticsearchMasterFamiliesRefused),
        ...(props.dedicatedMasterCount === 0
          ? []
          : [
              {
                condition: `\${!startswith(var.elasticsearch_master_instance_type, "t3.") || var.elasticsearch_instance_count <= ${elasticsearchNodes.maximumWithBurstableMasters}}`,
                errorMessage: `elasticsearch_master_instance_type must not be a T3 type with more than ${elasticsearchNodes.maximumWithBurstableMasters} data nodes.`,
              },
            ]),
      ],
    }).stringValue;

    const { minimum, maximum } = elasticsearchVolumeGiB;
    const largestVolume = `lookup(${JSON.stringify(elasticsearchGp3MaximumGiBByType)}, var.elasticsearch_instance_type, ${maximum})`;
    this.elasticsearchVolumeSize = this.declare("elasticsearch_volume_size", {
      description: "gp3 volume of each Elasticsearch data node, GiB.",
      type: VariableType.NUMBER,
      default: props.elasticsearchVolumeSizeGiB,
      validation: [
        {
          condition: `\${var.elasticsearch_volume_size >= ${minimum} && var.elasticsearch_volume_size <= ${largestVolume} && floor(var.elasticsearch_volume_size) == var.elasticsearch_volume_size}`,
          errorMessage: `elasticsearch_volume_size must be a whole number of GiB, at least ${minimum} and at most what AWS allows for elasticsearch_instance_type, such as 100 for t3.small.elasticsearch and 200 for t3.medium.elasticsearch.`,
        },
      ],
    }).numberValue;

    this.allowedIps = this.declare("allowed_ips", {
      description:
        "IPv4 CIDR blocks, such as a VPN's, that may reach the Elasticsearch domain on port 443 and, where edge.restrictToAllowedIps says so, the API.",
      type: VariableType.list(VariableType.STRING),
      default: props.allowedIps,
      validation: [
        {
          // cidrhost gives the block's first address: what is written with host bits, or in another spelling, differs from it.
          condition: `\${alltrue([for block in var.allowed_ips : try(can(cidrnetmask(block)) && tonumber(split("/", block)[1]) >= ${allowedIpPrefixMinimum} && format("%s/%d", cidrhost(block, 0), tonumber(split("/", block)[1])) == block, false)])}`,
          errorMessage: `allowed_ips must be IPv4 CIDR blocks of /${allowedIpPrefixMinimum} or smaller without host bits, such as 203.0.113.0/24.`,
        },
        {
          // Of two blocks, one holds the other when both have the same first address under the wider one's prefix.
          condition:
            '${alltrue([for a, wide in var.allowed_ips : alltrue([for b, block in var.allowed_ips : a == b || try(tonumber(split("/", wide)[1]) > tonumber(split("/", block)[1]) || cidrhost(format("%s/%s", split("/", block)[0], split("/", wide)[1]), 0) != cidrhost(wide, 0), true)])])}',
          errorMessage: "allowed_ips must not name a network twice: remove each block that another one covers.",
        },
        {
          condition: `\${length(var.allowed_ips) <= ${allowedNetworks}}`,
          errorMessage: `allowed_ips must name at most ${allowedNetworks} networks: a security group takes no more rules.`,
        },
        ...(props.restrictToAllowedIps
          ? [
              {
                condition: "${length(var.allowed_ips) > 0}",
                errorMessage:
                  "allowed_ips must name a network, because edge.restrictToAllowedIps is true: nobody would be let in.",
              },
            ]
          : []),
      ],
    }).listValue;
  }

  private declare(name: string, config: TerraformVariableConfig): TerraformVariable {
    return new TerraformVariable(this, name, { nullable: false, ...config });
  }
}

/** A condition: the variable's value has the form. */
function matches(variable: string, form: Form): string {
  return form.map((expression) => `can(regex(${JSON.stringify(expression)}, var.${variable}))`).join(" && ");
}

/** A family with a table must have the size, a family that lacks something is refused, and any other passes. */
function elasticsearchType(variable: string, refused: Readonly<Record<string, string>>) {
  const types = Object.keys(elasticsearchGp3MaximumGiBByType);
  const families = [...new Set(types.map((type) => type.slice(0, type.indexOf("."))))];
  const family = `split(".", var.${variable})[0]`;
  const known = `!contains(${JSON.stringify(families)}, ${family}) || contains(${JSON.stringify(types)}, var.${variable})`;
  return {
    condition: `\${${matches(variable, [elasticsearchTypeForm])} && !contains(${JSON.stringify(Object.keys(refused))}, ${family}) && (${known})}`,
    errorMessage: `${variable} must be an Elasticsearch instance type with AWS's suffix, such as t3.medium.elasticsearch, in a size that AWS has, and of a family other than ${Object.keys(refused).join(", ")}.`,
  };
}
