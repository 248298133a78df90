import { Fn, propertyAccess, type TerraformResource, Token } from "cdktf";

/** `aws_subnet.private[*].id` of a resource with `count`. */
export function splatIds(resource: TerraformResource): string[] {
  return Token.asList(propertyAccess(resource.fqn, ["*", "id"]));
}

/** `aws_route_table.private[count.index].id` of a resource with `count`. */
export function idAt(resource: TerraformResource, index: number): string {
  return Token.asString(propertyAccess(resource.fqn, [index, "id"]));
}

/** The id of the first instance of a resource with `count`. */
export function firstId(resource: TerraformResource): string {
  return nthId(resource, 0);
}

/** The id of an instance of a resource with `count`, counted from 0. */
export function nthId(resource: TerraformResource, index: number): string {
  return Token.asString(Fn.element(splatIds(resource), index));
}
