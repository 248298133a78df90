import { development } from "../../environments/development";
import { synthesizeProduction } from "../support/environments";
import { parseJsonencode } from "../support/jsonencode";
import { type Synthesized, synthesizePlatform } from "../support/synth";

const given = synthesizeProduction();
const own = synthesizePlatform(development);
const parameter = "aws_ssm_parameter.api_image";

describe("the image has one home", () => {
  test("an SSM parameter: Terraform writes it once, and reads what a release wrote", () => {
    expect(given.resource(parameter)).toEqual({
      name: "/skymanuals/api/image",
      description: "Tag or sha256 digest of the image that the API runs; a release writes it",
      type: "String",
      insecure_value: "${var.api_image_tag}",
      allowed_pattern: "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|sha256:[0-9a-f]{64})$",
      tags: { Name: "skymanuals-api-image" },
      lifecycle: { ignore_changes: ["insecure_value"] },
    });
  });

  test("no resource but the parameter reads the variable", () => {
    const readers = (stack: Synthesized) =>
      stack
        .resources()
        .filter(({ config }) => JSON.stringify(config).includes("var.api_image_tag"))
        .map(({ address }) => address);
    expect([readers(given), readers(own)]).toEqual([[parameter], [parameter]]);
  });
});

describe("a repository of our own", () => {
  test("immutable, scanned, emptied by force only where the environment says so", () => {
    expect(own.resource("aws_ecr_repository.api")).toEqual({
      name: "skymanuals-development-api",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [{ encryption_type: "KMS", kms_key: "${aws_kms_key.images.arn}" }],
      force_delete: true,
      tags: { Name: "skymanuals-development-api" },
    });
    const kept = synthesizeProduction({ api: { ecrRepositoryUrl: null } });
    expect(kept.resource("aws_ecr_repository.api")).toMatchObject({ name: "skymanuals-api", force_delete: false });
  });

  test("keeps the last hundred tagged images, and untagged ones for two weeks", () => {
    const { rules } = parseJsonencode(String(own.resource("aws_ecr_lifecycle_policy.api").policy)) as {
      rules: { rulePriority: number; selection: object; action: object }[];
    };
    expect(rules).toMatchObject([
      {
        rulePriority: 1,
        selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
        action: { type: "expire" },
      },
      {
        rulePriority: 2,
        selection: {
          tagStatus: "tagged",
          tagPatternList: ["*"],
          countType: "imageCountMoreThan",
          countNumber: 100,
        },
        action: { type: "expire" },
      },
    ]);
  });

  test("unless the documented variable names another, which wins", () => {
    const url = "coalesce(var.ecr_repository_url, aws_ecr_repository.api.repository_url)";
    expect(own.container("aws_ecs_task_definition.api").image).toContain(`join("", [${url}, `);
    expect(own.statement("aws_iam_role_policy.ecs_execution", "PullImage").Resource?.[0]).toContain(url);
    expect(own.variable("ecr_repository_url")).toMatchObject({ default: null, nullable: true });
  });
});

test("the documented repository is not ours to create", () => {
  expect(given.resources("aws_ecr_repository").map(({ address }) => address)).toEqual(["aws_ecr_repository.logstash"]);
  expect(given.resources("aws_ecr_lifecycle_policy")).toEqual([]);
  expect(given.variable("ecr_repository_url")).toMatchObject({
    default: "222222222222.dkr.ecr.us-east-1.amazonaws.com/skymanuals-api",
    nullable: false,
  });
});

test.each([given, own])("$name says what to push, and says the same after a release: its plan is empty", (stack) => {
  const reference = stack.container("aws_ecs_task_definition.api").image;
  const first = String(stack.output("api_image_to_push").value);
  const parameter = "aws_ssm_parameter.api_image";
  const released = `coalesce(${parameter}.insecure_value, nonsensitive(${parameter}.value))`;
  expect(reference).toContain(released);
  expect(first).toBe(reference.replaceAll(released, "var.api_image_tag"));
  const outputs = Object.values(stack.json.output as Record<string, { value: string }>).map(({ value }) => value);
  expect(outputs.filter((value) => value.includes("insecure_value"))).toEqual([]);
});
