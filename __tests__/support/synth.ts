import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, type TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import { environments } from "../../environments";
import type { Account as AccountConfig, Adopted, Backend, Environment } from "../../environments/environment";
import { Account } from "../../stacks/account";
import { Platform } from "../../stacks/platform";
import { RootModule, type RootModuleProps } from "../../stacks/root-module";
import { StateBackend } from "../../stacks/state-backend";
import { parseJsonencode } from "./jsonencode";

/** Arguments of a block, in Terraform's own names. */
export type Block = Readonly<Record<string, unknown>>;

export interface Resource {
  readonly address: string;
  readonly type: string;
  readonly label: string;
  readonly config: Block;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | string[];
  readonly Resource?: string[];
  readonly Condition?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly [argument: string]: unknown;
}

type Blocks = Readonly<Record<string, Readonly<Record<string, Block>>>>;

/** A synthesized stack, looked up by Terraform address. */
export class Synthesized {
  constructor(
    /** Id of the stack. */
    readonly name: string,
    /** cdk.tf.json without cdktf's metadata. */
    readonly json: Block,
  ) {}

  /** Every managed resource, or those of one type. */
  resources(type?: string): Resource[] {
    return list(this.blocks("resource")).filter((resource) => type === undefined || resource.type === type);
  }

  has(address: string): boolean {
    return this.resources().some((resource) => resource.address === address);
  }

  /**
   * Arguments of a resource; `data.` and `ephemeral.` addresses as Terraform writes them.
   * @throws Error naming the nearest addresses if there is none
   */
  resource(address: string): Block {
    const [, kind = "resource", type, label] = /^(?:(data|ephemeral)\.)?([^.]+)\.([^.]+)$/.exec(address) ?? [];
    const found = type && label ? this.blocks(kind)[type]?.[label] : undefined;
    if (found) {
      return found;
    }
    const near = list(this.blocks(kind)).filter((other) => other.type === type || other.label === label);
    throw new Error(
      `${this.name} has no ${address}; near: ${near.map((other) => other.address).join(", ") || "nothing of that type or label"}`,
    );
  }

  /** Statements of an IAM policy document that an argument holds. */
  statements(address: string, argument = "policy"): Statement[] {
    const document = parseJsonencode(String(this.resource(address)[argument])) as { Statement: Statement[] };
    return document.Statement;
  }

  /**
   * @throws Error naming the statements there are
   */
  statement(address: string, sid: string): Statement {
    const statements = this.statements(address);
    const found = statements.find((statement) => statement.Sid === sid);
    if (!found) {
      throw new Error(`${address} has no statement ${sid}: ${statements.map(({ Sid }) => Sid).join(", ")}`);
    }
    return found;
  }

  containers(address: string): Container[] {
    return parseJsonencode(String(this.resource(address).container_definitions)) as Container[];
  }

  /** The essential container of a task definition, without which the task ends. */
  container(address: string): Container {
    const essential = this.containers(address).filter(({ essential }) => essential);
    if (essential.length !== 1) {
      throw new Error(`${address} has ${essential.length} essential containers`);
    }
    return essential[0] as Container;
  }

  variable(name: string): Block {
    return this.named("variable", name);
  }

  output(name: string): Block {
    return this.named("output", name);
  }

  private named(kind: string, name: string): Block {
    const blocks = (this.json[kind] ?? {}) as Readonly<Record<string, Block>>;
    const found = blocks[name];
    if (!found) {
      throw new Error(`${this.name} has no ${kind} ${name}: ${Object.keys(blocks).join(", ")}`);
    }
    return found;
  }

  private blocks(kind: string): Blocks {
    return (this.json[kind] ?? {}) as Blocks;
  }
}

function list(blocks: Blocks): Resource[] {
  return Object.entries(blocks).flatMap(([type, byLabel]) =>
    Object.entries(byLabel).map(([label, config]) => ({ address: `${type}.${label}`, type, label, config })),
  );
}

/** Does in memory what `app.synth()` does to one stack. */
export function synthesize(create: (app: App) => TerraformStack): Synthesized {
  const stack = create(new App({ stackTraces: false, outdir: "/nonexistent" }));
  stack.prepareStack();
  return new Synthesized(stack.node.id, JSON.parse(Testing.synth(stack, true)));
}

export function synthesizePlatform(environment: Environment): Synthesized {
  return synthesize((app) => new Platform(app, environment));
}

/** @param inEnvironments by default the committed ones */
export function synthesizeAccount(account: AccountConfig, inEnvironments = environments): Synthesized {
  return synthesize((app) => new Account(app, account, inEnvironments));
}

export function synthesizeStateBackend(account: AccountConfig): Synthesized {
  return synthesize((app) => new StateBackend(app, account));
}

class BareModule extends RootModule {
  constructor(scope: Construct, props: RootModuleProps) {
    super(scope, "bare", props);
    new AwsProvider(this, "aws", { region: "us-east-1" });
  }
}

/** Constructs alone, in a root module that holds nothing else. */
export function synthesizeConstructs(
  create: (scope: Construct) => void,
  props: { readonly backend?: Backend; readonly adopted?: Partial<Adopted> } = {},
): Synthesized {
  return synthesize((app) => {
    const stack = new BareModule(app, {
      backend: props.backend ?? { type: "local" },
      adopted: { keep: {}, renamed: {}, moved: [], removed: [], ...props.adopted },
    });
    create(stack);
    return stack;
  });
}
