/** What somebody may notice while a change in place is made, by type and attribute. */
const interruptions: readonly { readonly type: string; readonly attribute: RegExp; readonly says: string }[] = [
  {
    type: "aws_lb_listener",
    attribute: /^(port|protocol|default_action|certificate_arn)/,
    says: "requests fail until the distribution has reached every edge location with its new origin (minutes): see docs/adoption.md, Traffic",
  },
  {
    type: "aws_cloudfront_distribution",
    attribute: /^(origin|aliases|viewer_certificate)/,
    says: "takes minutes to reach every edge location: see docs/adoption.md, Traffic",
  },
  {
    type: "aws_db_instance",
    attribute: /^(parameter_group_name|instance_class|engine_version|multi_az)/,
    says: "waits for the maintenance window unless database.applyImmediately is true; a reboot takes a minute or two",
  },
  {
    type: "aws_db_instance",
    attribute: /^password_wo/,
    says: "gives the database the password of database_password_version: pass the current one on the first apply",
  },
  {
    type: "aws_db_instance",
    attribute: /^ca_cert_identifier/,
    says: "clients that verify the database's certificate need RDS's newer authorities before",
  },
  {
    type: "aws_elasticache_replication_group",
    attribute: /^auth_token/,
    says: "with ROTATE clients without a token stay connected; with SET they are refused",
  },
  {
    type: "aws_elasticache_replication_group",
    attribute: /^(node_type|engine_version)/,
    says: "connections break for seconds while nodes fail over",
  },
  {
    type: "aws_elasticsearch_domain",
    attribute: /^(cluster_config|vpc_options|ebs_options)/,
    says: "a blue/green deployment of the domain: about an hour, writable throughout",
  },
  {
    type: "aws_route_table_association",
    attribute: /^route_table_id/,
    says: "open connections through the old NAT gateway break",
  },
  {
    type: "aws_ecs_service",
    attribute: /^task_definition/,
    says: "a rolling deployment: old tasks stop once new ones are healthy",
  },
];

export function interruptionOf(type: string, attribute: string): string | undefined {
  return interruptions.find((interruption) => interruption.type === type && interruption.attribute.test(attribute))
    ?.says;
}
