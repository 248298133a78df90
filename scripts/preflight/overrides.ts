import type { Environment } from "../../environments/environment";

/** A copy with another value at a path. */
function withValue<T extends object>(value: T, [key = "", ...rest]: readonly string[], to: unknown): T {
  const old = value[key as keyof T];
  return { ...value, [key]: rest.length === 0 ? to : withValue(old as object, rest, to) };
}

/** The Terraform variables that a check depends on, and the field that each overrides. */
const fields: Readonly<Record<string, { readonly path: string; readonly read: (text: string) => unknown }>> = {
  database_instance_class: { path: "size.databaseInstanceClass", read: String },
  redis_node_type: { path: "size.redisNodeType", read: String },
  elasticsearch_instance_type: { path: "size.elasticsearchInstanceType", read: String },
  elasticsearch_master_instance_type: { path: "size.elasticsearchMasterInstanceType", read: String },
  ecr_repository_url: { path: "api.ecrRepositoryUrl", read: String },
  api_image_tag: { path: "api.imageTag", read: String },
  allowed_ips: { path: "network.allowedIps", read: listOf },
};

/** A list as `-var` takes it: HCL's lists of strings are JSON, but for a comma at the end. Anything else Terraform will refuse. */
function listOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/,\s*\]\s*$/, "]"));
  } catch {
    return [];
  }
}

/** The environment as a plan with these variables would have it; variables that no check depends on are passed over. */
export function withVariables(environment: Environment, variables: Readonly<Record<string, string>>): Environment {
  return Object.entries(variables).reduce((changed, [name, text]) => {
    const field = fields[name];
    return field ? withValue(changed, field.path.split("."), field.read(text)) : changed;
  }, environment);
}
