import {
  type ContainerDefinition,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type Tag,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";

/** A revision of a family, as ECS describes it. */
export interface Revision {
  readonly arn: string;
  /** `family:7` */
  readonly name: string;
  readonly definition: TaskDefinition;
  readonly tags: readonly Tag[];
}

/** A revision that was registered in place of another, with another image in one container. */
export interface Registered {
  readonly arn: string;
  readonly image: string;
  readonly previousImage: string;
}

/**
 * A revision by its ARN, or the newest of a family that is still registered (Amazon ECS API Reference, DescribeTaskDefinition: "the
 * latest ACTIVE revision"), which is the one that Terraform compares with. Undefined where there is none.
 */
export async function findRevision(ecs: ECSClient, taskDefinition: string): Promise<Revision | undefined> {
  try {
    const answer = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] }));
    const definition = answer.taskDefinition;
    const arn = definition?.taskDefinitionArn;
    return definition && arn ? { arn, name: revisionName(arn), definition, tags: answer.tags ?? [] } : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "ClientException") {
      return undefined;
    }
    throw error;
  }
}

/** `family:7` of a revision's ARN. */
export function revisionName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

/** What DescribeTaskDefinition answers and RegisterTaskDefinition does not take. */
const answeredOnly = [
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "registeredBy",
  "deregisteredAt",
];

/** Registers a revision again with another tag or digest in the image of the container `name`. */
export async function registerWithTag(
  ecs: ECSClient,
  { definition, tags }: Revision,
  name: string,
  tag: string,
): Promise<Registered> {
  const previousImage = imageOf(definition, name);
  const image = imageWithTag(previousImage, tag);
  const kept = Object.fromEntries(Object.entries(definition).filter(([member]) => !answeredOnly.includes(member)));
  const answer = await ecs.send(
    new RegisterTaskDefinitionCommand({
      ...(kept as unknown as RegisterTaskDefinitionCommandInput),
      containerDefinitions: definition.containerDefinitions?.map((container) =>
        container.name === name ? { ...container, image } : container,
      ),
      ...(tags.length > 0 ? { tags: [...tags] } : {}),
    }),
  );
  return { arn: answer.taskDefinition?.taskDefinitionArn ?? "", image, previousImage };
}

/** The family's newest revision is the one before again; tasks that run go on. */
export async function deregister(ecs: ECSClient, arn: string): Promise<void> {
  await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: arn }));
}

/**
 * The container `name` of a task definition.
 *
 * @throws Error where it has none
 */
export function containerOf({ containerDefinitions = [] }: TaskDefinition, name: string): ContainerDefinition {
  const container = containerDefinitions.find((candidate) => candidate.name === name);
  if (!container) {
    const others = containerDefinitions.map((other) => other.name).join(", ");
    throw new Error(`the task definition has no container ${name}, but ${others}`);
  }
  return container;
}

/**
 * The image of the container `name`.
 *
 * @throws Error where there is no such container
 */
export function imageOf(definition: TaskDefinition, name: string): string {
  return containerOf(definition, name).image ?? "";
}

const tagOrDigest = /(?:@(sha256:[0-9a-f]+)|:([^:/@]+))$/;

/** What a release takes to run this image again; undefined for an image without tag and digest. */
export function tagOf(image: string): string | undefined {
  const [, digest, tag] = tagOrDigest.exec(image) ?? [];
  return digest ?? tag;
}

/** The image's repository with another tag or digest. */
export function imageWithTag(image: string, tag: string): string {
  const repository = image.replace(tagOrDigest, "");
  return `${repository}${tag.startsWith("sha256:") ? "@" : ":"}${tag}`;
}
