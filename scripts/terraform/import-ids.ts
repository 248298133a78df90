/** Attributes that the provider takes as import id where it is not `id`. */
export const importAttributes = [
  "id",
  "arn",
  "name",
  "identifier",
  "domain_name",
  "bucket",
  "replication_group_id",
  "function_name",
  "url",
] as const;

export type Values = Readonly<Record<string, unknown>>;

/** Import ids that are put together from several attributes, as the provider's documentation words them. */
const composedImportIds: Readonly<Record<string, (values: Values) => string>> = {
  aws_ecs_service: ({ cluster, name }) => `${String(cluster).split("/").at(-1)}/${name}`,
  aws_route_table_association: ({ subnet_id, gateway_id, route_table_id }) =>
    `${subnet_id || gateway_id}/${route_table_id}`,
  aws_route: ({ route_table_id, destination_cidr_block, destination_ipv6_cidr_block, destination_prefix_list_id }) =>
    `${route_table_id}_${destination_cidr_block || destination_ipv6_cidr_block || destination_prefix_list_id}`,
  aws_iam_role_policy: ({ role, name }) => `${role}:${name}`,
  aws_iam_role_policy_attachment: ({ role, policy_arn }) => `${role}/${policy_arn}`,
  aws_appautoscaling_target: ({ service_namespace, resource_id, scalable_dimension }) =>
    `${service_namespace}/${resource_id}/${scalable_dimension}`,
  aws_appautoscaling_policy: ({ service_namespace, resource_id, scalable_dimension, name }) =>
    `${service_namespace}/${resource_id}/${scalable_dimension}/${name}`,
  aws_appautoscaling_scheduled_action: ({ service_namespace, resource_id, scalable_dimension, name }) =>
    `${service_namespace}/${resource_id}/${scalable_dimension}/${name}`,
  // The name may have been given with a final dot, which is part of the provider's id then.
  aws_route53_record: ({ zone_id, fqdn, name, type }) =>
    `${zone_id}_${String(fqdn ?? name).replace(/\.$/, "")}_${type}`,
  aws_wafv2_ip_set: ({ id, name, scope }) => `${id}/${name}/${scope}`,
  aws_wafv2_web_acl: ({ id, name, scope }) => `${id}/${name}/${scope}`,
  aws_cloudwatch_log_metric_filter: ({ log_group_name, name }) => `${log_group_name}:${name}`,
  aws_cloudwatch_log_subscription_filter: ({ log_group_name, name }) => `${log_group_name}|${name}`,
  aws_cloudwatch_event_rule: ({ event_bus_name, name }) => `${event_bus_name ?? "default"}/${name}`,
  aws_cloudwatch_event_target: ({ event_bus_name, rule, target_id }) =>
    `${event_bus_name ?? "default"}/${rule}/${target_id}`,
  // Any id will do: a region has one.
  aws_ebs_encryption_by_default: () => "default",
  aws_backup_selection: ({ plan_id, id }) => `${plan_id}|${id}`,
  aws_backup_restore_testing_selection: ({ name, restore_testing_plan_name }) => `${name}:${restore_testing_plan_name}`,
  aws_budgets_budget: ({ account_id, name }) => `${account_id}:${name}`,
};

/** Every form under which a resource may be listed in the inventory. */
export function importIds(type: string, values: Values): string[] {
  const composed = composedImportIds[type];
  return [
    ...importAttributes.map((attribute) => values[attribute]).filter((value) => typeof value === "string"),
    ...(composed ? [composed(values)] : []),
  ];
}

/** The part of an import id that a resource's attributes have: a saved query is imported by an ARN, and has only the id that ends it. */
export function idInState(type: string, importId: string): string {
  return type === "aws_cloudwatch_query_definition" ? importId.slice(importId.lastIndexOf(":") + 1) : importId;
}
