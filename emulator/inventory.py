"""What exists in the emulator, as Terraform would name it.

One lister per service walks moto's state and yields resource type, import id and human name of every object that a
request created. Left out are what an AWS account has by itself (default VPCs, default security groups and parameter
groups, keys and policies that AWS manages, alarms of target tracking, SOA and NS records), seeded zones, and what AWS
keeps visible after its deletion (inactive task definitions, keys and secrets that are scheduled for deletion).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import running
from .extensions.cloudfront import POLICIES as CLOUDFRONT_POLICIES
from .extensions.elasticache import PARAMETER_GROUPS as CACHE_PARAMETER_GROUPS
from .extensions.xray import groups as xray_groups
from .extensions.xray import sampling_rules as xray_sampling_rules
from .hooks import GLOBAL_SERVICES, moto_backends
from .seeds import SEEDED_ZONE_IDS

#: Resource type, import id, human name.
Found = tuple[str, str, str]
Lister = Callable[[Any], Iterator[Found]]

_LISTERS: dict[str, Lister] = {}

#: Terraform's names for the custom CloudFront policies.
_CLOUDFRONT_POLICY_TYPES = {
    "CachePolicy": "aws_cloudfront_cache_policy",
    "OriginRequestPolicy": "aws_cloudfront_origin_request_policy",
    "ResponseHeadersPolicy": "aws_cloudfront_response_headers_policy",
}


def list_resources(account_id: str) -> list[dict[str, str]]:
    """The document of GET /_emulator/inventory, ordered by type and id; `region` is `global` where there is none."""
    resources = []
    for service, lister in _LISTERS.items():
        backends = moto_backends(service)[account_id]
        scopes = {"aws"} if service in GLOBAL_SERVICES else set(backends)
        for scope in sorted(scopes):
            region = "global" if scope in ("aws", "global") else scope
            for type_, id_, name in lister(backends[scope]):
                resources.append({"type": type_, "id": id_, "name": name, "region": region})
    return sorted(resources, key=lambda resource: (resource["type"], resource["region"], resource["id"]))


def _of(service: str) -> Callable[[Lister], Lister]:
    def register(lister: Lister) -> Lister:
        _LISTERS[service] = lister
        return lister

    return register


def _tagged_name(resource: Any) -> str:
    name = next((tag["value"] for tag in resource.get_tags() if tag["key"] == "Name"), None)
    return str(name or resource.id)


@_of("ec2")
def _ec2(backend: Any) -> Iterator[Found]:
    yield from _network(backend)
    for groups in backend.groups.values():
        for group in groups.values():
            if group.name != "default":
                yield "aws_security_group", group.id, group.name
    for address in backend.addresses:
        yield "aws_eip", address.allocation_id, _tagged_name(address)
    for gateway in backend.nat_gateways.values():
        if gateway.state != "deleted":
            yield "aws_nat_gateway", gateway.id, _tagged_name(gateway)
    for endpoint in backend.vpc_end_points.values():
        if endpoint.state != "deleted":
            yield "aws_vpc_endpoint", endpoint.id, endpoint.service_name
    for flow_log in backend.flow_logs.values():
        yield "aws_flow_log", flow_log.id, flow_log.resource_id


def _network(backend: Any) -> Iterator[Found]:
    for vpc in backend.vpcs.values():
        if not vpc.is_default:
            yield "aws_vpc", vpc.id, _tagged_name(vpc)
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            if not subnet.default_for_az:
                yield "aws_subnet", subnet.id, _tagged_name(subnet)
    for gateway in backend.internet_gateways.values():
        yield "aws_internet_gateway", gateway.id, _tagged_name(gateway)
    for table in backend.route_tables.values():
        if table.main_association_id is None:
            yield "aws_route_table", table.id, _tagged_name(table)
        for association in table.associations:
            if not association["Main"]:
                target = association.get("SubnetId") or association.get("GatewayId")
                yield "aws_route_table_association", f"{target}/{table.id}", association["RouteTableAssociationId"]


@_of("rds")
def _rds(backend: Any) -> Iterator[Found]:
    for name in backend.databases:
        yield "aws_db_instance", name, name
    for name, snapshot in backend.database_snapshots.items():
        if snapshot.snapshot_type == "manual":
            yield "aws_db_snapshot", name, name
    for name in backend.subnet_groups:
        yield "aws_db_subnet_group", name, name
    for name in backend.db_parameter_groups:
        if not name.startswith("default."):
            yield "aws_db_parameter_group", name, name


@_of("elasticache")
def _elasticache(backend: Any) -> Iterator[Found]:
    for name in backend.replication_groups:
        yield "aws_elasticache_replication_group", name, name
    for name in backend.cache_subnet_groups:
        if name != "default":
            yield "aws_elasticache_subnet_group", name, name
    for region, name in CACHE_PARAMETER_GROUPS:
        if region == backend.region_name:
            yield "aws_elasticache_parameter_group", name, name


@_of("s3")
def _s3(backend: Any) -> Iterator[Found]:
    for name in backend.buckets:
        yield "aws_s3_bucket", name, name


@_of("ecs")
def _ecs(backend: Any) -> Iterator[Found]:
    for cluster in backend.clusters.values():
        if cluster.status == "ACTIVE":
            yield "aws_ecs_cluster", cluster.name, cluster.name
            if cluster.capacity_providers:
                yield "aws_ecs_cluster_capacity_providers", cluster.name, cluster.name
    for service in backend.services.values():
        if service.status == "ACTIVE":
            yield "aws_ecs_service", f"{service.cluster_name}/{service.name}", service.name
    for revisions in backend.task_definitions.values():
        for definition in revisions.values():
            if definition.status == "ACTIVE":
                yield "aws_ecs_task_definition", definition.arn, f"{definition.family}:{definition.revision}"


@_of("application-autoscaling")
def _application_autoscaling(backend: Any) -> Iterator[Found]:
    for targets in backend.targets.values():
        for target in targets.values():
            id_ = f"{target.service_namespace}/{target.resource_id}/{target.scalable_dimension}"
            yield "aws_appautoscaling_target", id_, target.resource_id
    for policy in backend.policies.values():
        id_ = f"{policy.service_namespace}/{policy.resource_id}/{policy.scalable_dimension}/{policy.policy_name}"
        yield "aws_appautoscaling_policy", id_, policy.policy_name
    for action in backend.scheduled_actions:
        id_ = (
            f"{action.service_namespace}/{action.resource_id}/{action.scalable_dimension}/{action.scheduled_action_name}"
        )
        yield "aws_appautoscaling_scheduled_action", id_, action.scheduled_action_name


@_of("ecr")
def _ecr(backend: Any) -> Iterator[Found]:
    for name, repository in backend.repositories.items():
        yield "aws_ecr_repository", name, name
        if repository.lifecycle_policy:
            yield "aws_ecr_lifecycle_policy", name, name


@_of("ssm")
def _ssm(backend: Any) -> Iterator[Found]:
    for name, versions in backend._parameters.items():
        if versions and not name.startswith("/aws/"):
            yield "aws_ssm_parameter", name, name


@_of("xray")
def _xray(backend: Any) -> Iterator[Found]:
    for name, group in xray_groups(backend).items():
        yield "aws_xray_group", group["GroupARN"], name
    for name in xray_sampling_rules(backend):
        yield "aws_xray_sampling_rule", name, name


@_of("elbv2")
def _elbv2(backend: Any) -> Iterator[Found]:
    for balancer in backend.load_balancers.values():
        yield "aws_lb", balancer.arn, balancer.name
        for listener in balancer.listeners.values():
            yield "aws_lb_listener", listener.arn, f"{balancer.name}:{listener.port}"
            for rule in listener.rules.values():
                if rule.priority != "default":
                    yield "aws_lb_listener_rule", rule.arn, f"{balancer.name}:{listener.port} priority {rule.priority}"
    for group in backend.target_groups.values():
        yield "aws_lb_target_group", group.arn, group.name


@_of("cloudfront")
def _cloudfront(backend: Any) -> Iterator[Found]:
    for distribution in backend.distributions.values():
        yield "aws_cloudfront_distribution", distribution.id, distribution.domain_name
    for kind, policies in CLOUDFRONT_POLICIES.items():
        for policy in policies.values():
            if not policy.managed:
                yield _CLOUDFRONT_POLICY_TYPES[kind], policy.id, policy.config["Name"]


@_of("wafv2")
def _wafv2(backend: Any) -> Iterator[Found]:
    for acl in backend.wacls.values():
        scope = "CLOUDFRONT" if ":global/" in acl.arn else "REGIONAL"
        yield "aws_wafv2_web_acl", f"{acl.id}/{acl.name}/{scope}", acl.name


@_of("acm")
def _acm(backend: Any) -> Iterator[Found]:
    for certificate in backend._certificates.values():
        yield "aws_acm_certificate", certificate.arn, certificate.common_name


@_of("route53")
def _route53(backend: Any) -> Iterator[Found]:
    for zone in backend.zones.values():
        zone_id = zone.id.rsplit("/", 1)[-1]
        if zone.id not in SEEDED_ZONE_IDS:
            yield "aws_route53_zone", zone_id, zone.name
        for record in zone.rrsets:
            apex = record.name.rstrip(".") == zone.name.rstrip(".")
            if not (apex and record.type in ("NS", "SOA")):
                name = record.name.rstrip(".")
                suffix = f"_{record.set_identifier}" if record.set_identifier else ""
                yield "aws_route53_record", f"{zone_id}_{name}_{record.type}{suffix}", f"{name} {record.type}"


@_of("opensearch")
def _elasticsearch(backend: Any) -> Iterator[Found]:
    for name in backend.domains:
        yield "aws_elasticsearch_domain", name, name


@_of("iam")
def _iam(backend: Any) -> Iterator[Found]:
    for role in backend.roles.values():
        if role.path.startswith("/aws-service-role/"):
            yield "aws_iam_service_linked_role", role.arn, role.name
            continue
        yield "aws_iam_role", role.name, role.name
        for policy in role.policies:
            yield "aws_iam_role_policy", f"{role.name}:{policy}", policy
        for arn in role.managed_policies:
            yield "aws_iam_role_policy_attachment", f"{role.name}/{arn}", arn.rsplit("/", 1)[-1]
    for arn, policy in backend.managed_policies.items():
        if ":iam::aws:" not in arn:
            yield "aws_iam_policy", arn, policy.name


@_of("logs")
def _logs(backend: Any) -> Iterator[Found]:
    for name in backend.groups:
        yield "aws_cloudwatch_log_group", name, name
    for filter_ in backend.filters.metric_filters:
        yield (
            "aws_cloudwatch_log_metric_filter",
            f"{filter_['logGroupName']}:{filter_['filterName']}",
            filter_["filterName"],
        )
    for name in backend.resource_policies:
        yield "aws_cloudwatch_log_resource_policy", name, name


@_of("cloudwatch")
def _cloudwatch(backend: Any) -> Iterator[Found]:
    for name in backend.alarms:
        if not name.startswith("TargetTracking-"):
            yield "aws_cloudwatch_metric_alarm", name, name


@_of("sns")
def _sns(backend: Any) -> Iterator[Found]:
    for topic in backend.topics.values():
        yield "aws_sns_topic", topic.arn, topic.name
    for subscription in backend.subscriptions.values():
        yield "aws_sns_topic_subscription", subscription.arn, f"{subscription.protocol}:{subscription.endpoint}"


@_of("secretsmanager")
def _secretsmanager(backend: Any) -> Iterator[Found]:
    for secret in backend.secrets.values():
        if secret.is_deleted():
            continue
        yield "aws_secretsmanager_secret", secret.arn, secret.name
        for version_id, version in secret.versions.items():
            if "AWSCURRENT" in version["version_stages"]:
                yield "aws_secretsmanager_secret_version", f"{secret.arn}|{version_id}", secret.name


@_of("kms")
def _kms(backend: Any) -> Iterator[Found]:
    for key in backend.keys.values():
        if key.key_manager != "AWS" and key.key_state != "PendingDeletion":
            yield "aws_kms_key", key.id, key.description or key.id
        for name in key.aliases:
            if not name.startswith("alias/aws/"):
                yield "aws_kms_alias", name, name


@_of("budgets")
def _budgets(backend: Any) -> Iterator[Found]:
    for account_id, budgets in backend.budgets.items():
        for name in budgets:
            yield "aws_budgets_budget", f"{account_id}:{name}", name


@_of("lambda")
def _lambda(backend: Any) -> Iterator[Found]:
    for function in backend.list_functions():
        yield "aws_lambda_function", function.function_name, function.function_name
    for uuid, mapping in backend._event_source_mappings.items():
        yield "aws_lambda_event_source_mapping", uuid, f"{mapping.event_source_arn} to {mapping.function_name}"


@_of("sqs")
def _sqs(backend: Any) -> Iterator[Found]:
    for name in backend.queues:
        yield "aws_sqs_queue", f"{running.PROCESS.endpoint}/{backend.account_id}/{name}", name


@_of("scheduler")
def _scheduler(backend: Any) -> Iterator[Found]:
    for group in backend.schedule_groups.values():
        if group.name != "default":
            yield "aws_scheduler_schedule_group", group.name, group.name
        for name in group.schedules:
            yield "aws_scheduler_schedule", f"{group.name}/{name}", name
