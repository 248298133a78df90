import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";

/**
 * A value that `terraform output <name>` prints, declared by the construct that owns what it names.
 *
 * The name is the output's address: the root module refuses two of one name (see RootModule).
 */
export class Output extends TerraformOutput {
  constructor(scope: Construct, name: string, value: string, description?: string) {
    super(scope, `output.${name}`, { description, value });
  }
}
