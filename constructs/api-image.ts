import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { apiImageParameter, apiName } from "../facts/names";
import type { Deployment } from "./parts/deployment";
import { imageReference } from "./parts/image-reference";
import { Output } from "./parts/output";

export interface ApiImageProps {
  readonly deployment: Deployment;
  /** A repository of our own. It is made even where the variable names another one. */
  readonly ownRepository: boolean;
  /** The variable `ecr_repository_url`: null for our own. */
  readonly givenRepositoryUrl: string;
  /** The variable `api_image_tag`: the image until the first release. A tag, or `sha256:<digest>`. */
  readonly firstTag: string;
  /** Let Terraform delete the repository with every image in it. */
  readonly forceDestroy: boolean;
}

/** Tagged images that stay in our own repository: what a release can go back to. */
const keptImages = 100;

/** Days that an image without a tag stays: a digest that was released, before it has a tag. */
const keptUntaggedDays = 14;

/**
 * Which image the API runs: a repository, and one SSM parameter that holds the tag or digest. A release writes the
 * parameter, Terraform reads it: a plan neither undoes a release nor misses it. ECR costs 0.10 USD per GB and month (AWS
 * list price); a standard parameter costs nothing.
 */
export class ApiImage extends Construct {
  readonly repositoryUrl: string;
  /** `<repository>:<tag>` or `<repository>@sha256:<digest>`: what was released last. */
  readonly reference: string;
  readonly parameter: SsmParameter;

  constructor(scope: Construct, id: string, props: ApiImageProps) {
    super(scope, id);
    const { firstTag } = props;
    const { prefix } = props.deployment;

    this.parameter = new SsmParameter(this, "aws_ssm_parameter.api_image", {
      name: apiImageParameter(prefix),
      description: "Tag or sha256 digest of the image that the API runs; a release writes it",
      type: "String",
      // Not sensitive: the plan shows what would run.
      insecureValue: firstTag,
      allowedPattern: "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64})$",
      tags: { Name: `${prefix}-api-image` },
      lifecycle: { ignoreChanges: ["insecure_value"] },
    });

    const own = props.ownRepository ? this.addRepository(props) : undefined;
    this.repositoryUrl = own ? Fn.coalesce([props.givenRepositoryUrl, own.repositoryUrl]) : props.givenRepositoryUrl;
    this.reference = imageReference(this.repositoryUrl, releasedIn(this.parameter));

    // What the variable names: releases do not change it, nor therefore a plan's outputs.
    new Output(
      this,
      "api_image_to_push",
      imageReference(this.repositoryUrl, firstTag),
      "The API's first image: no task starts before docker push, and then: npm run release",
    );
    new Output(this, "api_image_parameter", this.parameter.name, "SSM parameter that a release writes: tag or digest");
  }

  private addRepository({ deployment, forceDestroy: forceDelete }: ApiImageProps): EcrRepository {
    const name = apiName(deployment.prefix);
    const images = deployment.keys?.images;
    const repository = new EcrRepository(this, "aws_ecr_repository.api", {
      name,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: images && [{ encryptionType: "KMS", kmsKey: images.arn }],
      forceDelete,
      tags: { Name: name },
    });
    const rule = (rulePriority: number, description: string, selection: object) => ({
      rulePriority,
      description,
      selection,
      action: { type: "expire" },
    });
    new EcrLifecyclePolicy(this, "aws_ecr_lifecycle_policy.api", {
      repository: repository.name,
      policy: Fn.jsonencode({
        rules: [
          rule(1, `Untagged images after ${keptUntaggedDays} days`, {
            tagStatus: "untagged",
            countType: "sinceImagePushed",
            countUnit: "days",
            countNumber: keptUntaggedDays,
          }),
          rule(2, `Tagged images but the last ${keptImages}`, {
            tagStatus: "tagged",
            tagPatternList: ["*"],
            countType: "imageCountMoreThan",
            countNumber: keptImages,
          }),
        ],
      }),
    });
    return repository;
  }
}

/**
 * What the parameter holds. The provider keeps it in `insecure_value`, but in `value` where the parameter was imported: the
 * other one is null then, and functions refuse it.
 */
function releasedIn({ insecureValue, value }: SsmParameter): string {
  return Fn.coalesce([insecureValue, Fn.nonsensitive(value)]);
}
