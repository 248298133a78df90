import { type TerraformOptions, terraformJson } from "./run";

/** A resource in a state. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  /** Created, but not to the end: Terraform would replace it. */
  readonly tainted: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

interface StateModule {
  readonly resources?: readonly {
    readonly address: string;
    readonly mode: string;
    readonly type: string;
    readonly tainted?: boolean;
    readonly values?: Readonly<Record<string, unknown>>;
  }[];
  readonly child_modules?: readonly StateModule[];
}

/** The parts of `terraform show -json` that are read here. */
export interface StateDocument {
  readonly values?: { readonly root_module: StateModule };
}

/** The managed resources of an initialized stack's state. */
export async function readState(options: TerraformOptions): Promise<StateResource[]> {
  return parseState(await terraformJson<StateDocument>(["show", "-json"], options));
}

export function parseState(document: StateDocument): StateResource[] {
  const collect = (module: StateModule): StateResource[] => [
    ...(module.resources ?? [])
      .filter(({ mode }) => mode === "managed")
      .map(({ address, type, tainted = false, values = {} }) => ({ address, type, tainted, values })),
    ...(module.child_modules ?? []).flatMap(collect),
  ];
  return document.values ? collect(document.values.root_module) : [];
}
