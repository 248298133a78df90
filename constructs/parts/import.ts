import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";

/**
 * Something that AWS has already, which the next apply takes into the state instead of creating it: an `import` block, which
 * the root module writes. (cdktf's `importFrom` would run Terraform at synth.)
 */
export class Import extends Construct {
  /** @param objectId what the provider's documentation of the resource calls its import id */
  constructor(
    scope: Construct,
    readonly resource: TerraformResource,
    readonly objectId: string,
  ) {
    super(scope, `import.${resource.node.id}`);
  }
}
