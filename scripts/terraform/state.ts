import { type TerraformOptions, terraformJson } from "./run";
import { parseValues, type ValuesDocument } from "./values";

/** A resource in a state. */
export interface StateResource {
  readonly address: string;
  readonly type: string;
  /** Created, but not to the end: Terraform would replace it. */
  readonly tainted: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The parts of `terraform show -json` that are read here. */
export interface StateDocument {
  readonly values?: ValuesDocument;
}

/** The managed resources of an initialized stack's state. */
export async function readState(options: TerraformOptions): Promise<StateResource[]> {
  return parseState(await terraformJson<StateDocument>(["show", "-json"], options));
}

export function parseState({ values = {} }: StateDocument): StateResource[] {
  return parseValues(values)
    .resources.filter(({ mode }) => mode === "managed")
    .map(({ address, type, tainted, values }) => ({ address, type, tainted, values }));
}
