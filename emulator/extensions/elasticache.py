"""Amazon ElastiCache: parameter groups, and what moto leaves out of subnet groups and replication groups.

Implements CreateCacheParameterGroup, DescribeCacheParameterGroups, DescribeCacheParameters, ModifyCacheParameterGroup,
ResetCacheParameterGroup, DeleteCacheParameterGroup, ModifyCacheSubnetGroup, DeleteCacheSubnetGroup,
IncreaseReplicaCount, DecreaseReplicaCount, and the three tag operations for every kind of resource. Corrects
CreateReplicationGroup (as many members as asked for), ModifyReplicationGroup (all parameters apply),
DeleteReplicationGroup (the group goes) and DescribeCacheClusters (a replication group's members are cache clusters).
A group without shards has a server at its primary and reader endpoints, which takes the logins that ElastiCache would
take at that moment.

Reference: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import regions, running
from ..auth_tokens import AuthTokens, check
from ..hooks import ApiError, Call, Found, amends, implements, lists, moto_backends, prepares
from ..redis_server import Server

#: Full versions that AWS reports for a version given as major.minor.
_FULL_VERSIONS = {"7.1": "7.1.0", "7.0": "7.0.7", "6.2": "6.2.6", "6.x": "6.2.6"}
_DEFAULT_VERSION = "7.1.0"


@dataclass
class ParameterGroup:
    """A cache parameter group and the parameters that differ from its family's defaults."""

    name: str
    family: str
    description: str
    arn: str
    parameters: dict[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return {
            "CacheParameterGroupName": self.name,
            "CacheParameterGroupFamily": self.family,
            "Description": self.description,
            "IsGlobal": False,
            "ARN": self.arn,
        }


#: Parameter groups by region and name.
PARAMETER_GROUPS: dict[tuple[str, str], ParameterGroup] = {}


def _group(call: Call) -> ParameterGroup:
    name = call.params["CacheParameterGroupName"]
    group = PARAMETER_GROUPS.get((call.region, name))
    if group is None:
        raise ApiError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return group


@implements("elasticache", "CreateCacheParameterGroup")
def create_parameter_group(call: Call) -> dict[str, Any]:
    name = call.params["CacheParameterGroupName"]
    if (call.region, name) in PARAMETER_GROUPS or name.startswith("default."):
        raise ApiError("CacheParameterGroupAlreadyExists", f"Cache Parameter Group {name} already exists")
    group = ParameterGroup(
        name=name,
        family=call.params["CacheParameterGroupFamily"],
        description=call.params["Description"],
        arn=f"arn:aws:elasticache:{call.region}:{call.account_id}:parametergroup:{name}",
    )
    PARAMETER_GROUPS[(call.region, name)] = group
    call.backend().tagging_service.tag_resource(group.arn, call.params.get("Tags", []))
    return {"CacheParameterGroup": group.document()}


@implements("elasticache", "DescribeCacheParameterGroups")
def describe_parameter_groups(call: Call) -> dict[str, Any]:
    if "CacheParameterGroupName" in call.params:
        return {"CacheParameterGroups": [_group(call).document()]}
    groups = [group.document() for (region, _), group in PARAMETER_GROUPS.items() if region == call.region]
    return {"CacheParameterGroups": groups}


@implements("elasticache", "DescribeCacheParameters")
def describe_parameters(call: Call) -> dict[str, Any]:
    """The parameters with Source user; the families' own defaults are not known here."""
    if call.params.get("Source", "user") != "user":
        return {"Parameters": []}
    return {
        "Parameters": [
            {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
            for name, value in _group(call).parameters.items()
        ]
    }


@implements("elasticache", "ModifyCacheParameterGroup")
def modify_parameter_group(call: Call) -> dict[str, Any]:
    group = _group(call)
    for parameter in call.params["ParameterNameValues"]:
        group.parameters[parameter["ParameterName"]] = parameter["ParameterValue"]
    return {"CacheParameterGroupName": group.name}


@implements("elasticache", "ResetCacheParameterGroup")
def reset_parameter_group(call: Call) -> dict[str, Any]:
    group = _group(call)
    if call.params.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in call.params.get("ParameterNameValues", []):
        group.parameters.pop(parameter["ParameterName"], None)
    return {"CacheParameterGroupName": group.name}


@implements("elasticache", "DeleteCacheParameterGroup")
def delete_parameter_group(call: Call) -> dict[str, Any]:
    group = _group(call)
    users = [g for g in call.backend().replication_groups.values() if g.cache_parameter_group_name == group.name]
    if users:
        message = f"Cache parameter group {group.name} is used by {users[0].replication_group_id}."
        raise ApiError("InvalidCacheParameterGroupState", message)
    del PARAMETER_GROUPS[(call.region, group.name)]
    return {}


@implements("elasticache", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    tags = call.backend().tagging_service.list_tags_for_resource(call.params["ResourceName"])
    return {"TagList": tags["Tags"]}


@implements("elasticache", "AddTagsToResource")
def add_tags(call: Call) -> dict[str, Any]:
    call.backend().tagging_service.tag_resource(call.params["ResourceName"], call.params["Tags"])
    return list_tags(call)


@implements("elasticache", "RemoveTagsFromResource")
def remove_tags(call: Call) -> dict[str, Any]:
    call.backend().tagging_service.untag_resource_using_names(call.params["ResourceName"], call.params["TagKeys"])
    return list_tags(call)


def _subnet_group(call: Call) -> Any:
    name = call.params["CacheSubnetGroupName"]
    group = call.backend().cache_subnet_groups.get(name)
    if group is None:
        raise ApiError("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.")
    return group


def _subnet_group_document(group: Any) -> dict[str, Any]:
    return {
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheSubnetGroupDescription": group.cache_subnet_group_description,
        "VpcId": group.vpc_id,
        "Subnets": [
            {
                "SubnetIdentifier": subnet["subnet_identifier"],
                "SubnetAvailabilityZone": {"Name": subnet["subnet_availability_zone"]},
                "SupportedNetworkTypes": subnet["supported_network_types"],
            }
            for subnet in group.subnets
        ],
        "ARN": group.arn,
        "SupportedNetworkTypes": group.supported_network_types,
    }


@implements("elasticache", "ModifyCacheSubnetGroup")
def modify_subnet_group(call: Call) -> dict[str, Any]:
    old = _subnet_group(call)
    new = type(old)(
        account_id=call.account_id,
        region_name=call.region,
        cache_subnet_group_name=old.cache_subnet_group_name,
        cache_subnet_group_description=call.params.get(
            "CacheSubnetGroupDescription", old.cache_subnet_group_description
        ),
        subnet_ids=call.params.get("SubnetIds", old.subnet_ids),
        tags=None,
    )
    call.backend().cache_subnet_groups[new.cache_subnet_group_name] = new
    return {"CacheSubnetGroup": _subnet_group_document(new)}


@implements("elasticache", "DeleteCacheSubnetGroup")
def delete_subnet_group(call: Call) -> dict[str, Any]:
    name = _subnet_group(call).cache_subnet_group_name
    users = [g for g in call.backend().replication_groups.values() if g.cache_subnet_group_name == name]
    if users:
        message = f"Cache subnet group {name} is currently in use by {users[0].replication_group_id}."
        raise ApiError("CacheSubnetGroupInUse", message)
    del call.backend().cache_subnet_groups[name]
    return {}


def _replication_group(call: Call) -> Any:
    name = call.params["ReplicationGroupId"]
    group = call.backend().replication_groups.get(name)
    if group is None:
        raise ApiError("ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found.")
    return group


@prepares("elasticache", "CreateReplicationGroup")
def refuse_impossible_group(call: Call) -> None:
    """Failover needs a replica, an auth token transit encryption, and a named group must exist."""
    params = call.params
    members = params.get("NumCacheClusters", 1)
    sharded = "NumNodeGroups" in params or "ReplicasPerNodeGroup" in params or "NodeGroupConfiguration" in params
    if params.get("AutomaticFailoverEnabled") and members < 2 and not sharded:
        raise ApiError("InvalidParameterValue", "Automatic failover is not supported with fewer than 2 cache clusters.")
    if params.get("MultiAZEnabled") and not params.get("AutomaticFailoverEnabled"):
        raise ApiError("InvalidParameterCombination", "Must enable automatic failover in order to use Multi-AZ.")
    if "AuthToken" in params and not params.get("TransitEncryptionEnabled"):
        raise ApiError("InvalidParameterCombination", "AuthToken requires TransitEncryptionEnabled.")
    check(params.get("AuthToken"))
    name = params.get("CacheParameterGroupName", "default.")
    if not name.startswith("default.") and (call.region, name) not in PARAMETER_GROUPS:
        raise ApiError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")


#: Members of ModifyReplicationGroup and the attribute of moto's group that each one sets.
_MODIFIED_ATTRIBUTES = {
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "NotificationTopicArn": "notification_topic_arn",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotWindow": "snapshot_window",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
    "IpDiscovery": "ip_discovery",
}


@prepares("elasticache", "ModifyReplicationGroup")
def apply_modification(call: Call) -> None:
    """Everything that the request carries, at once."""
    group = _replication_group(call)
    if "AuthToken" in call.params or "AuthTokenUpdateStrategy" in call.params:
        _modify_tokens(call, group)
    for member, attribute in _MODIFIED_ATTRIBUTES.items():
        if member in call.params:
            setattr(group, attribute, call.params[member])
    for change in call.params.get("LogDeliveryConfigurations", []):
        kept = [c for c in group.log_delivery_configurations if c["LogType"] != change["LogType"]]
        if change.get("Enabled", True):
            kept.append({**change, "Status": "active"})
        group.log_delivery_configurations = kept


def _modify_tokens(call: Call, group: Any) -> None:
    tokens: AuthTokens = group.auth_tokens
    strategy = call.params.get("AuthTokenUpdateStrategy", "ROTATE")
    tokens.modify(call.params.get("AuthToken"), strategy, to_users="UserGroupIdsToAdd" in call.params)
    group.auth_token_enabled = tokens.accepted() != [None]


@amends("elasticache", "DeleteReplicationGroup")
def remove_group(call: Call, response: dict[str, Any]) -> None:
    """The group and its members are gone with the first answer; a final snapshot is kept."""
    group = call.backend().replication_groups.pop(call.params["ReplicationGroupId"])
    if group.server is not None:
        group.server.stop()
    call.backend().tagging_service.delete_all_tags_for_resource(group.arn)
    response["ReplicationGroup"]["Status"] = "deleting"


@amends("elasticache", "CreateReplicationGroup")
def create_members(call: Call, response: dict[str, Any]) -> None:
    """A group without shards has NumCacheClusters members."""
    group = _replication_group(call)
    if not group.cluster_enabled and "NumCacheClusters" in call.params:
        _set_replicas(group, call.params["NumCacheClusters"] - 1)
    response["ReplicationGroup"]["MemberClusters"] = list(group.member_clusters)


@amends("elasticache", "CreateReplicationGroup")
def start_server(call: Call, _response: dict[str, Any]) -> None:
    """Clients of a group with shards would be told of nodes that are not there."""
    group = _replication_group(call)
    group.auth_tokens = AuthTokens(call.params.get("AuthToken"))
    group.server = None
    if not group.cluster_enabled:
        encrypted = bool(call.params.get("TransitEncryptionEnabled"))
        group.server = Server(int(group.port), encrypted, group.auth_tokens.accepted)


def _follow(region: str, lost: bool) -> None:
    """The groups of a lost region take no connections."""
    for group in moto_backends("elasticache")[running.PROCESS.account_id][region].replication_groups.values():
        if group.server is not None:
            group.server.refuse(lost)


regions.follow(_follow)


@amends("elasticache", "CreateReplicationGroup", "ModifyReplicationGroup", "DescribeReplicationGroups")
def complete_groups(call: Call, response: dict[str, Any]) -> None:
    """Log delivery configurations under the API's names, whether the group has shards, and where its server is."""
    groups = response["ReplicationGroups"] if "ReplicationGroups" in response else [response["ReplicationGroup"]]
    for document in groups:
        group = call.backend().replication_groups[document["ReplicationGroupId"]]
        document["ClusterEnabled"] = bool(group.cluster_enabled)
        if group.server is not None and group.server.address is not None:
            for endpoint in ("PrimaryEndpoint", "ReaderEndpoint"):
                for node_group in document.get("NodeGroups", []):
                    node_group[endpoint] = {"Address": group.server.address, "Port": int(group.port)}
        document["LogDeliveryConfigurations"] = [
            {**{k: v for k, v in c.items() if k != "Enabled"}, "Status": "active"}
            for c in (_api_names(c) for c in group.log_delivery_configurations)
        ]


def _api_names(configuration: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in configuration.items() if name[0].isupper()}


def _member_document(call: Call, group: Any, member_id: str) -> dict[str, Any]:
    version = group.engine_version or _DEFAULT_VERSION
    endpoint = {"Address": f"{member_id}.{group.replication_group_id}.cache.amazonaws.com", "Port": int(group.port)}
    subnet_group = call.backend().cache_subnet_groups.get(group.cache_subnet_group_name)
    zones = [subnet["subnet_availability_zone"] for subnet in subnet_group.subnets] if subnet_group else []
    zone = zones[group.member_clusters.index(member_id) % len(zones)] if zones else f"{call.region}a"
    return {
        "CacheClusterId": member_id,
        "CacheClusterStatus": "available",
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        "EngineVersion": _FULL_VERSIONS.get(version, version),
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": zone,
        "CacheClusterCreateTime": group.replication_group_create_time,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window or "sun:05:00-sun:06:00",
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name or "default.redis7",
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "SecurityGroups": [{"SecurityGroupId": id_, "Status": "active"} for id_ in group.security_group_ids or []],
        "CacheNodes": [
            {
                "CacheNodeId": "0001",
                "CacheNodeStatus": "available",
                "CacheNodeCreateTime": group.replication_group_create_time,
                "Endpoint": endpoint,
                "ParameterGroupStatus": "in-sync",
                "CustomerAvailabilityZone": zone,
            }
        ],
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade is not False,
        "ReplicationGroupId": group.replication_group_id,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_token_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "ARN": f"arn:aws:elasticache:{call.region}:{call.account_id}:cluster:{member_id}",
        "NetworkType": group.network_type,
        "IpDiscovery": group.ip_discovery,
        "NotificationConfiguration": {"TopicArn": group.notification_topic_arn, "TopicStatus": "active"}
        if group.notification_topic_arn
        else None,
    }


@implements("elasticache", "DescribeCacheClusters")
def describe_clusters(call: Call) -> dict[str, Any]:
    """The members of the replication groups."""
    wanted = call.params.get("CacheClusterId")
    members = [
        _member_document(call, group, member_id)
        for group in call.backend().replication_groups.values()
        for member_id in group.member_clusters
        if wanted in (None, member_id)
    ]
    if wanted is not None and not members:
        raise ApiError("CacheClusterNotFound", f"CacheCluster {wanted} not found.")
    return {"CacheClusters": members}


def _set_replicas(group: Any, count: int) -> None:
    node_group = group.node_groups[0]
    group.member_clusters.clear()
    node_group["node_group_members"] = []
    group._set_node_members_clusters_disabled(
        member_clusters=group.member_clusters,
        replication_group_id=group.replication_group_id,
        replication_group_domain=node_group["primary_endpoint_address"].removeprefix("master."),
        node_group=node_group,
        preferred_cache_cluster_azs=[],
        num_cache_clusters=1 + count,
        replicas_per_node_group=count,
    )


@implements("elasticache", "IncreaseReplicaCount", "DecreaseReplicaCount")
def change_replica_count(call: Call) -> dict[str, Any]:
    """The members become 1 + NewReplicaCount."""
    group = _replication_group(call)
    _set_replicas(group, call.params["NewReplicaCount"])
    return {"ReplicationGroup": {"ReplicationGroupId": group.replication_group_id, "Status": "available"}}


@lists("elasticache")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.replication_groups:
        yield "aws_elasticache_replication_group", name, name
    for name in backend.cache_subnet_groups:
        if name != "default":
            yield "aws_elasticache_subnet_group", name, name
    for region, name in PARAMETER_GROUPS:
        if region == backend.region_name:
            yield "aws_elasticache_parameter_group", name, name
