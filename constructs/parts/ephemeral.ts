import { ref, TerraformElement, Token } from "cdktf";
import type { Construct } from "constructs";

/**
 * A Terraform `ephemeral` block, which cdktf has no bindings for: its values exist while Terraform runs, and are written
 * to neither plan nor state. They may be used in write-only arguments only.
 */
export class Ephemeral extends TerraformElement {
  /**
   * @param type such as `aws_secretsmanager_random_password`
   * @param config arguments in Terraform's own names
   */
  constructor(
    scope: Construct,
    id: string,
    readonly type: string,
    private readonly config: Readonly<Record<string, unknown>>,
  ) {
    super(scope, id, `ephemeral.${type}`);
  }

  getString(attribute: string): string {
    return Token.asString(ref(`ephemeral.${this.type}.${this.friendlyUniqueId}.${attribute}`, this.cdktfStack));
  }

  override toTerraform(): object {
    return { ephemeral: { [this.type]: { [this.friendlyUniqueId]: this.config } } };
  }
}
