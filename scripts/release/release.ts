import { setTimeout as sleep } from "node:timers/promises";
import { apiContainer } from "../../facts/api";
import { apiImageParameter, apiName, clusterName, migrationsName } from "../../facts/names";

/** Calls an operation of AWS: the service and operation by the API's names, members as in the API. */
export type Aws = (service: "ecs" | "ssm" | "sts", operation: string, members: object) => Promise<unknown>;

/** What an environment calls the parts of its API. */
export interface ApiNames {
  readonly cluster: string;
  readonly service: string;
  /** Family of the task that migrates the database, from the same image. */
  readonly migrations: string;
  readonly parameter: string;
}

export function apiNames(prefix: string): ApiNames {
  return {
    cluster: clusterName(prefix),
    service: apiName(prefix),
    migrations: migrationsName(prefix),
    parameter: apiImageParameter(prefix),
  };
}

export interface Release {
  /** Of the revision that the service now runs. */
  readonly taskDefinitionArn: string;
  readonly image: string;
  /** What ran before. */
  readonly previousImage: string;
}

interface Container {
  readonly name: string;
  readonly image: string;
}

interface TaskDefinition {
  readonly containerDefinitions: readonly Container[];
  readonly [member: string]: unknown;
}

/** Members that DescribeTaskDefinition answers and RegisterTaskDefinition refuses. */
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

/**
 * Releases an image of the API without Terraform: writes its tag (or `sha256:<digest>`) to the parameter, registers the
 * newest revisions of the migrations and of the API again with that image, and updates the service. The parameter comes
 * first: whatever fails after it, the next apply carries the release out.
 *
 * @throws Error where the service does not exist, and with what AWS refuses
 */
export async function release(aws: Aws, names: ApiNames, tag: string): Promise<Release> {
  const { services } = (await aws("ecs", "DescribeServices", {
    cluster: names.cluster,
    services: [names.service],
  })) as {
    readonly services: readonly { readonly status: string }[];
  };
  if (services[0]?.status !== "ACTIVE") {
    throw new Error(`there is no service ${names.service} in the cluster ${names.cluster}: apply the stack first`);
  }
  await writeParameter(aws, names.parameter, tag);

  const { taskDefinitionArns = [] } = (await aws("ecs", "ListTaskDefinitions", {
    familyPrefix: names.migrations,
    maxResults: 1,
  })) as { readonly taskDefinitionArns?: readonly string[] };
  if (taskDefinitionArns.length > 0) {
    await registerWithTag(aws, names.migrations, "migrations", tag);
  }
  const registered = await registerWithTag(aws, names.service, apiContainer, tag);
  await aws("ecs", "UpdateService", {
    cluster: names.cluster,
    service: names.service,
    taskDefinition: registered.taskDefinitionArn,
  });
  return registered;
}

/** Registers the family's newest revision again with another tag in one container's image. */
async function registerWithTag(aws: Aws, family: string, name: string, tag: string): Promise<Release> {
  const { taskDefinition, tags = [] } = (await aws("ecs", "DescribeTaskDefinition", {
    // The family's newest, which Terraform compares with; the service may lag behind it after a rollback.
    taskDefinition: family,
    include: ["TAGS"],
  })) as { readonly taskDefinition: TaskDefinition; readonly tags?: readonly object[] };
  const previousImage = containerOf(taskDefinition, name).image;
  const image = imageWithTag(previousImage, tag);
  const kept = Object.entries(taskDefinition).filter(([member]) => !answeredOnly.includes(member));
  const registered = (await aws("ecs", "RegisterTaskDefinition", {
    ...Object.fromEntries(kept),
    containerDefinitions: taskDefinition.containerDefinitions.map((container) =>
      container.name === name ? { ...container, image } : container,
    ),
    ...(tags.length > 0 ? { tags } : {}),
  })) as { readonly taskDefinition: { readonly taskDefinitionArn: string } };
  return { taskDefinitionArn: registered.taskDefinition.taskDefinitionArn, image, previousImage };
}

/** Another value, and everything else as Terraform wrote it: the pattern too, by which AWS refuses what is no tag. */
async function writeParameter(aws: Aws, name: string, value: string): Promise<void> {
  const { Parameters } = (await aws("ssm", "DescribeParameters", {
    ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [name] }],
  })) as { readonly Parameters: readonly { readonly Description?: string; readonly AllowedPattern?: string }[] };
  const [parameter] = Parameters;
  if (!parameter) {
    throw new Error(`there is no parameter ${name}: apply the stack first`);
  }
  const { Description, AllowedPattern } = parameter;
  await aws("ssm", "PutParameter", { Name: name, Value: value, Overwrite: true, Description, AllowedPattern });
}

/**
 * @throws Error unless the credentials are those of this account
 */
export async function checkAccount(aws: Aws, accountId: string): Promise<void> {
  const { Account } = (await aws("sts", "GetCallerIdentity", {})) as { readonly Account: string };
  if (Account !== accountId) {
    throw new Error(`the credentials are of account ${Account}; the environment lies in ${accountId}`);
  }
}

/**
 * Waits until ECS has replaced every task, or has gone back to the revision before.
 * @throws Error in the second case, and after `attempts`
 */
export async function waitForRollout(
  aws: Aws,
  names: ApiNames,
  { taskDefinitionArn }: Release,
  { attempts = 180, pauseMs = 10_000 } = {},
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { services } = (await aws("ecs", "DescribeServices", {
      cluster: names.cluster,
      services: [names.service],
    })) as {
      readonly services: readonly {
        readonly deployments: readonly { readonly taskDefinition: string; readonly rolloutState?: string }[];
      }[];
    };
    const deployment = services[0]?.deployments.find(({ taskDefinition }) => taskDefinition === taskDefinitionArn);
    if (deployment?.rolloutState === "COMPLETED") {
      return;
    }
    if (deployment === undefined || deployment.rolloutState === "FAILED") {
      throw new Error(`ECS went back to the revision before: the tasks of ${taskDefinitionArn} did not become healthy`);
    }
    await sleep(pauseMs);
  }
  throw new Error(`the tasks of ${taskDefinitionArn} are still being started; ECS goes on`);
}

function containerOf({ containerDefinitions }: TaskDefinition, name: string): Container {
  const container = containerDefinitions.find((candidate) => candidate.name === name);
  if (!container) {
    throw new Error(
      `the task definition has no container ${name}, but ${containerDefinitions.map((other) => other.name).join(", ")}`,
    );
  }
  return container;
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
