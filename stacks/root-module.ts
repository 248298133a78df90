import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import {
  LocalBackend,
  S3Backend,
  TerraformBackend,
  TerraformDataSource,
  TerraformElement,
  TerraformLocal,
  TerraformOutput,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import type { Construct, Node } from "constructs";
import { Ephemeral } from "../constructs/parts/ephemeral";
import { Import } from "../constructs/parts/import";
import type { Adopted, Backend, CloudBackend } from "../environments/environment";
import { didYouMean, InvalidInput, type Problem } from "../environments/validation/problems";
import { environmentOfStack } from "../facts/names";
import { edgeRegion } from "../facts/regions";
import { adoptedLineProblems } from "./adopted-lines";

export interface RootModuleProps {
  readonly backend: Backend;
  /** What the stack took over from an existing state. Default: nothing. */
  readonly adopted?: Adopted;
}

export interface AwsProps {
  /** The only account that the module may be applied to, 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** The tag `Environment` of every resource. Default: none, for what environments share. */
  readonly environment?: string;
}

/**
 * A Terraform root module whose addresses are the construct ids: `new Vpc(scope, "skymanuals")` is `aws_vpc.skymanuals`
 * however deep its scope lies. Siblings that share a label carry their type in the id (`aws_subnet.private`).
 *
 * @throws Error naming both construct paths where two elements of one type would share one address, which Terraform JSON
 * would merge silently
 */
export abstract class RootModule extends TerraformStack {
  private readonly paths = new Map<string, string>();
  /** Addresses before `adopted.renamed`. */
  private readonly ownAddresses = new Set<string>();
  private readonly adopted: Adopted;
  private aws?: AwsProps;
  private readonly providers = new Map<string, AwsProvider>();

  constructor(scope: Construct, id: string, props: RootModuleProps) {
    super(scope, id);
    this.adopted = props.adopted ?? { keep: {}, renamed: {}, moved: [], removed: [] };
    this.addOverride("terraform.required_version", ">= 1.11.0");
    addBackend(this, id, props.backend);
  }

  /** Makes the provider of every resource that names no other, with the tags that each resource has. It is called once. */
  protected addAws(aws: AwsProps): void {
    this.aws = aws;
    new AwsProvider(this, "aws", { region: aws.region, ...accountAndTags(aws) });
  }

  /**
   * The provider in us-east-1, whatever the module's region: what serves CloudFront exists there only. It is made when it is
   * first asked for.
   *
   * @throws Error before `addAws`
   */
  protected get usEast1(): AwsProvider {
    return this.providerIn(edgeRegion);
  }

  /**
   * The provider in another region than the module's. It is made when it is first asked for.
   *
   * @throws Error before `addAws`
   */
  protected providerIn(region: string): AwsProvider {
    if (!this.aws) {
      throw new Error(`${this.node.path}: addAws comes before usEast1, which has its account and tags`);
    }
    const alias = region.replaceAll("-", "_");
    const made = this.providers.get(region);
    const provider = made ?? new AwsProvider(this, `aws_${alias}`, { alias, region, ...accountAndTags(this.aws) });
    this.providers.set(region, provider);
    return provider;
  }

  protected override allocateLogicalId(element: TerraformElement | Node): string {
    if (!TerraformElement.isTerraformElement(element)) {
      return element.id;
    }
    const type = blockType(element);
    if (type === undefined) {
      return element.node.id;
    }
    const label = element.node.id.startsWith(`${type}.`) ? element.node.id.slice(type.length + 1) : element.node.id;
    const ownAddress = `${type}.${label}`;
    this.ownAddresses.add(ownAddress);
    const address = this.adopted.renamed[ownAddress] ?? ownAddress;
    const path = this.paths.get(address);
    if (path !== undefined && path !== element.node.path) {
      throw new Error(
        `${address}: both ${path} and ${element.node.path} have this Terraform address; give one of them another construct id`,
      );
    }
    this.paths.set(address, element.node.path);
    return address.slice(type.length + 1);
  }

  /** Runs after the last construct is made, before anything is written. */
  override prepareStack(): void {
    super.prepareStack();
    // An output with a static id asks for no address.
    for (const output of this.node.findAll().filter(TerraformOutput.isTerraformOutput)) {
      this.getLogicalId(output);
    }
    const { keep, renamed, moved, removed } = this.adopted;
    const resources = new Map(
      this.node
        .findAll()
        .filter(TerraformResource.isTerraformResource)
        .map((resource) => [addressOf(resource), resource]),
    );
    const source = `environments/${environmentOfStack(this.node.id)}.ts`;
    const unknown = (field: string, address: string): Problem => ({
      source,
      path: `adopted.${field}`,
      value: address,
      allowed: "the address of a resource of this stack",
      fix: didYouMean(address, resources.keys()) || "remove the line",
    });
    const problems = [
      ...Object.keys(keep)
        .filter((address) => !resources.has(address))
        .map((address) => unknown("keep", address)),
      ...Object.keys(renamed)
        .filter((address) => !this.ownAddresses.has(address))
        .map((address) => unknown("renamed", address)),
      // One instance of several is forgotten by way of an address of its own.
      ...moved
        .filter(({ to }) => !resources.has(withoutIndex(to)) && !removed.includes(to))
        .map(({ to }) => unknown("moved", to)),
      ...removed
        .filter((address) => resources.has(address))
        .map((address) => ({
          source,
          path: "adopted.removed",
          value: address,
          allowed: "the address of a resource that this stack does not have",
          fix: `add a line to adopted.renamed that gives our ${address} another address`,
        })),
      ...adoptedLineProblems(this.adopted, resources, source),
    ];
    if (problems.length > 0) {
      throw new InvalidInput(problems);
    }

    for (const [address, values] of Object.entries(keep)) {
      for (const [argument, value] of Object.entries(values)) {
        resources.get(address)?.addOverride(argument, value);
      }
    }
    const imports = this.node.findAll().filter((construct) => construct instanceof Import);
    if (imports.length > 0) {
      this.addOverride(
        "import",
        imports.map(({ resource, objectId }) => ({ to: addressOf(resource), id: objectId })),
      );
    }
    if (moved.length > 0) {
      this.addOverride("moved", moved);
    }
    if (removed.length > 0) {
      this.addOverride(
        "removed",
        removed.map((from) => ({ from, lifecycle: { destroy: false } })),
      );
    }
  }
}

function accountAndTags({ accountId, environment }: AwsProps) {
  return {
    allowedAccountIds: [accountId],
    defaultTags: [
      {
        tags: {
          Project: "skymanuals",
          ...(environment === undefined ? {} : { Environment: environment }),
          ManagedBy: "terraform",
        },
      },
    ],
  };
}

function addressOf(resource: TerraformResource): string {
  return `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
}

function withoutIndex(address: string): string {
  return address.replace(/\[.*\]$/, "");
}

/** The first part of an element's address, or undefined for what has no address (providers, backends). */
function blockType(element: TerraformElement): string | undefined {
  if (element instanceof Ephemeral) {
    return `ephemeral.${element.type}`;
  }
  if (TerraformResource.isTerraformResource(element)) {
    return element.terraformResourceType;
  }
  if (TerraformDataSource.isTerraformDataSource(element)) {
    return `data.${element.terraformResourceType}`;
  }
  if (element instanceof TerraformVariable) {
    return "var";
  }
  if (TerraformOutput.isTerraformOutput(element)) {
    return "output";
  }
  if (element instanceof TerraformLocal) {
    return "local";
  }
  return undefined;
}

function addBackend(scope: RootModule, stackName: string, backend: Backend): void {
  switch (backend.type) {
    case "local":
      // Relative to cdktf.out/stacks/<stack>: beside cdktf.out, for cdktf and for terraform run in that folder.
      new LocalBackend(scope, { path: `../../../terraform.${stackName}.tfstate` });
      break;
    case "s3": {
      const { bucket, key, region, kmsKeyId } = backend;
      new S3Backend(scope, { bucket, key, region, kmsKeyId, encrypt: true }).addOverride("use_lockfile", true);
      break;
    }
    case "cloud":
      new CloudBlock(scope, backend);
      break;
  }
}

/** The `cloud` block. cdktf's CloudBackend would run `terraform version` at synth. */
class CloudBlock extends TerraformBackend {
  constructor(
    scope: Construct,
    private readonly backend: CloudBackend,
  ) {
    super(scope, "backend", "cloud");
  }

  override toTerraform(): object {
    const { organization, project, workspace } = this.backend;
    return {
      terraform: { cloud: { organization, workspaces: { ...workspace, ...(project === null ? {} : { project }) } } },
    };
  }

  override getRemoteStateDataSource(): never {
    throw new Error("Stacks never read each other's state (docs/decisions)");
  }
}
