import type { BlockSchema } from "../../../scripts/adopt/provider-schema";
import { type OurResource, readRoot } from "../../../scripts/adopt/root";
import { keySuffix, type StateObject, type Values } from "../../../scripts/adopt/state-file";
import type { PlanDocument } from "../../../scripts/terraform/plan";

/** An object of a state; `address` as `terraform state list` prints it. */
export function object(address: string, values: Values = {}): StateObject {
  const [, module = "", type = "", label = "", key] =
    /^((?:module\.[^.]+\.)*)([a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\[(.+)\])?$/.exec(address) ?? [];
  const parsed = key === undefined ? undefined : (JSON.parse(key) as number | string);
  return { address: `${module}${type}.${label}${keySuffix(parsed)}`, module, type, label, key: parsed, values };
}

/** A synthesized stack of these resources, arguments by address. */
export function root(resources: Readonly<Record<string, Values>>): Map<string, OurResource> {
  const resource: Record<string, Record<string, Values>> = {};
  for (const [address, args] of Object.entries(resources)) {
    const [type = "", label = ""] = address.split(".");
    resource[type] = { ...resource[type], [label]: args };
  }
  return readRoot({ resource });
}

type Change = NonNullable<PlanDocument["resource_changes"]>[number];

/** A change as `terraform show -json` has it. */
export function change(
  address: string,
  before: Values | null,
  after: Values | null,
  more: Partial<Change["change"]> = {},
): Change {
  const actions = before === null ? ["create"] : more.replace_paths ? ["delete", "create"] : ["update"];
  return {
    address,
    mode: "managed",
    type: address.split(".")[0] as string,
    change: { actions, before, after, ...more },
  };
}

const optional = { optional: true };

/** Schemas in the form of the provider's, as far as the tests reach. */
export const schemas: ReadonlyMap<string, BlockSchema> = new Map<string, BlockSchema>([
  [
    "aws_lb",
    {
      attributes: {
        id: { optional: true },
        arn: {},
        name: optional,
        idle_timeout: optional,
        drop_invalid_header_fields: optional,
        subnets: optional,
        ip_address_type: optional,
        tags: optional,
        tags_all: optional,
      },
      block_types: {
        access_logs: {
          nesting_mode: "list",
          block: { attributes: { bucket: { required: true }, enabled: optional, prefix: optional } },
        },
      },
    },
  ],
  [
    "aws_lb_target_group",
    {
      attributes: { deregistration_delay: optional, name: optional },
      block_types: {
        health_check: {
          nesting_mode: "list",
          block: { attributes: { path: optional, interval: optional, matcher: optional, port: optional } },
        },
      },
    },
  ],
  ["aws_lb_listener", { attributes: { load_balancer_arn: { required: true } } }],
  ["aws_lb_listener_rule", { attributes: { priority: optional } }],
  [
    "aws_security_group",
    { attributes: { name: optional, name_prefix: optional, ingress: optional, egress: optional } },
  ],
  ["aws_route_table", { attributes: { route: optional } }],
  ["aws_subnet", { attributes: { cidr_block: optional } }],
  [
    "aws_db_instance",
    {
      attributes: {
        auto_minor_version_upgrade: optional,
        ca_cert_identifier: optional,
        parameter_group_name: optional,
        skip_final_snapshot: optional,
        password: { optional: true, sensitive: true },
      },
    },
  ],
]);
