import { importIds } from "../../../scripts/terraform/import-ids";

test.each([
  ["aws_route_table_association", { subnet_id: "subnet-1", route_table_id: "rtb-1" }, "subnet-1/rtb-1"],
  ["aws_iam_role_policy_attachment", { role: "r", policy_arn: "arn:p" }, "r/arn:p"],
  [
    "aws_appautoscaling_policy",
    { service_namespace: "ecs", resource_id: "service/a/b", scalable_dimension: "d", name: "n" },
    "ecs/service/a/b/d/n",
  ],
  ["aws_wafv2_ip_set", { id: "i", name: "n", scope: "CLOUDFRONT" }, "i/n/CLOUDFRONT"],
  ["aws_wafv2_web_acl", { id: "i", name: "n", scope: "CLOUDFRONT" }, "i/n/CLOUDFRONT"],
  ["aws_cloudwatch_log_subscription_filter", { id: "cwlsf-1", log_group_name: "/g", name: "n" }, "/g|n"],
  ["aws_cloudwatch_log_metric_filter", { log_group_name: "/g", name: "n" }, "/g:n"],
  [
    "aws_route53_record",
    { id: "Z__a.example.com._CNAME", zone_id: "Z", name: "_a.example.com.", fqdn: "_a.example.com", type: "CNAME" },
    "Z__a.example.com_CNAME",
  ],
  ["aws_cloudwatch_event_rule", { id: "r", name: "r", event_bus_name: "default" }, "default/r"],
  ["aws_cloudwatch_event_target", { id: "r-t", rule: "r", target_id: "t", event_bus_name: "default" }, "default/r/t"],
  ["aws_backup_selection", { id: "s", plan_id: "p", name: "n" }, "p|s"],
  ["aws_backup_restore_testing_selection", { name: "n", restore_testing_plan_name: "p" }, "n:p"],
  ["aws_ebs_encryption_by_default", { id: "terraform-20261125" }, "default"],
  ["aws_elasticsearch_domain", { id: "arn:d", domain_name: "d" }, "d"],
])("%s is found under its import id", (type, values, id) => {
  expect(importIds(type, values)).toContain(id);
});
