/**
 * Arguments that keep what holds data from being deleted, or its content from being lost, with the value that protects.
 * Source: the Terraform provider hashicorp/aws 5.100.0, the resources' arguments.
 */
const protections: Readonly<Record<string, boolean>> = {
  deletion_protection: true,
  deletion_protection_enabled: true,
  enable_deletion_protection: true,
  skip_final_snapshot: false,
  force_delete: false,
  force_destroy: false,
};

/** Whether `value` takes away a protection that `ours` gives; an absent argument of ours is false. */
export function switchesOff(argument: string, ours: unknown, value: unknown): boolean {
  const protects = protections[argument];
  return protects !== undefined && (ours ?? false) === protects && value !== protects;
}
