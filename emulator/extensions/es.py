"""Amazon Elasticsearch Service (2015-01-01): domains.

Implements UpdateElasticsearchDomainConfig and GetCompatibleElasticsearchVersions. Corrects CreateElasticsearchDomain
(what AWS refuses for a domain in a VPC), DescribeElasticsearchDomain, DescribeElasticsearchDomains and
DescribeElasticsearchDomainConfig (a domain is active at once, defaults that AWS fills in). A domain answers at its
endpoint, `localhost:<port>`, from its first request on, as `domain_server` does, and until DeleteElasticsearchDomain.

Reference: https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DomainStatus.html,
API_UpdateDomainConfig.html, API_GetCompatibleVersions.html; rules for a domain in a VPC:
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from moto.core.utils import camelcase_to_underscores

from .. import authority, domain_access, osmem, regions, running
from ..domain_operations import Domain
from ..domain_server import Listener
from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares

#: Members of UpdateElasticsearchDomainConfig that replace a domain's options as a whole.
_OPTIONS = (
    "EBSOptions",
    "SnapshotOptions",
    "VPCOptions",
    "CognitoOptions",
    "AdvancedOptions",
    "AccessPolicies",
    "LogPublishingOptions",
    "DomainEndpointOptions",
    "EncryptionAtRestOptions",
    "NodeToNodeEncryptionOptions",
    "AutoTuneOptions",
)

_CLUSTER_DEFAULTS = {
    "InstanceCount": 1,
    "DedicatedMasterEnabled": False,
    "ZoneAwarenessEnabled": False,
    "WarmEnabled": False,
    "ColdStorageOptions": {"Enabled": False},
}


_log = logging.getLogger("emulator")

#: The listeners of domains, by ARN.
_listeners: dict[str, Listener] = {}


def _attribute(member: str) -> str:
    return {"EBSOptions": "ebs_options", "VPCOptions": "vpc_options"}.get(member, camelcase_to_underscores(member))


def _domain(call: Call) -> Any:
    name = call.params["DomainName"]
    domain = call.backend("opensearch").domains.get(name)
    if domain is None:
        raise ApiError("ResourceNotFoundException", f"Domain not found: {name}")
    return domain


@implements("es", "GetCompatibleElasticsearchVersions")
def get_compatible_versions(_call: Call) -> dict[str, Any]:
    """7.10 is the last version under the Elasticsearch name."""
    return {"CompatibleElasticsearchVersions": [{"SourceVersion": "7.9", "TargetVersions": ["7.10"]}]}


@prepares("es", "CreateElasticsearchDomain")
def refuse_impossible_domain(call: Call) -> None:
    """Nodes fit the zones; a domain in a VPC has one subnet per zone and no IP condition in its policy."""
    cluster = call.params.get("ElasticsearchClusterConfig", {})
    zones = cluster.get("ZoneAwarenessConfig", {}).get("AvailabilityZoneCount", 2)
    zones = zones if cluster.get("ZoneAwarenessEnabled") else 1
    if cluster.get("InstanceCount", 1) < zones or (zones == 2 and cluster.get("InstanceCount", 1) % 2):
        raise ApiError("ValidationException", f"You must choose a multiple of {zones} data nodes, or at least {zones}.")
    subnets = call.params.get("VPCOptions", {}).get("SubnetIds", [])
    if not subnets:
        return
    if len(subnets) != zones:
        number = {1: "one subnet", 2: "two subnets", 3: "three subnets"}[zones]
        message = f"You must specify exactly {number} because you've set zone count to {zones}."
        raise ApiError("ValidationException", message)
    for statement in json.loads(call.params.get("AccessPolicies") or "{}").get("Statement", []):
        if "IpAddress" in statement.get("Condition", {}):
            message = "You can't attach an IP-based policy to a domain that has a VPC endpoint."
            raise ApiError("InvalidTypeException", message)


@amends("es", "CreateElasticsearchDomain")
def complete_domain(call: Call, response: dict[str, Any]) -> None:
    """The defaults that AWS fills in, in moto's state."""
    domain = _domain(call)
    domain.elasticsearch_cluster_config = {**_CLUSTER_DEFAULTS, **(domain.elasticsearch_cluster_config or {})}
    domain.auto_tune_options = call.params.get("AutoTuneOptions") or {"DesiredState": "ENABLED"}
    report_active(call, response)


@amends("es", "CreateElasticsearchDomain")
def listen(call: Call, response: dict[str, Any]) -> None:
    """The domain is spoken to at an address of this machine: what signs requests for it is in the run as well."""
    domain = _domain(call)
    if not osmem.is_there():
        _log.warning("%s", osmem.MISSING)

    def authorize(method: str, target: str, headers: dict[str, str], body: bytes) -> str:
        principal = domain_access.authenticate(method, target, headers, body, call.region, call.account_id)
        with running.STATE:
            domain_access.authorize(principal, method, target.partition("?")[0], domain, call.account_id)
        return principal

    def check_repository(settings: dict[str, Any], principal: str | None) -> None:
        with running.STATE:
            domain_access.check_repository(settings, principal, domain, call.account_id)

    certificate = authority.of_this_run().issue()
    listener = Listener(Domain(check_repository=check_repository), authorize, certificate)
    _listeners[domain.arn] = listener
    endpoint = f"localhost:{listener.port}"
    if domain.endpoints is None:
        domain.endpoint = response["DomainStatus"]["Endpoint"] = endpoint
    else:
        domain.endpoints = response["DomainStatus"]["Endpoints"] = {"vpc": endpoint}


def _follow(region: str, lost: bool) -> None:
    """The domains of a lost region take no connections."""
    for arn, listener in _listeners.items():
        if arn.split(":")[3] == region:
            listener.refuse(lost)


regions.follow(_follow)


@amends("es", "DeleteElasticsearchDomain")
def stop_listening(_call: Call, response: dict[str, Any]) -> None:
    listener = _listeners.pop(response["DomainStatus"]["ARN"], None)
    if listener is not None:
        listener.stop()


@amends("es", "DescribeElasticsearchDomain", "DescribeElasticsearchDomains")
def report_active(call: Call, response: dict[str, Any]) -> None:
    """No processing is left once a request has been answered; the VPC is named."""
    for status in response.get("DomainStatusList") or [response["DomainStatus"]]:
        status["DomainProcessingStatus"] = "Active"
        status["Processing"] = False
        status["AutoTuneOptions"] = {"State": "ENABLED"}
        if status.get("VPCOptions"):
            status["VPCOptions"] = _derived_vpc(call, status["VPCOptions"])


@amends("es", "DescribeElasticsearchDomainConfig")
def complete_config(call: Call, response: dict[str, Any]) -> None:
    """Options with the members of the API; the VPC is named; auto-tune as it was set."""
    config = response["DomainConfig"]
    domain = _domain(call)
    if domain.vpc_options:
        config["VPCOptions"]["Options"] = _derived_vpc(call, domain.vpc_options)
    options = domain.auto_tune_options
    config["AutoTuneOptions"] = {
        "Options": {"DesiredState": options.get("DesiredState", "ENABLED"), "MaintenanceSchedules": []},
        "Status": {"State": "ENABLED", "CreationDate": domain.creation_date, "UpdateDate": domain.creation_date},
    }


@implements("es", "UpdateElasticsearchDomainConfig")
def update_domain_config(call: Call) -> dict[str, Any]:
    """Applied at once."""
    domain = _domain(call)
    if "ElasticsearchClusterConfig" in call.params:
        domain.elasticsearch_cluster_config = {**_CLUSTER_DEFAULTS, **call.params["ElasticsearchClusterConfig"]}
    for member in _OPTIONS:
        if member in call.params:
            setattr(domain, _attribute(member), call.params[member])
    return {"DomainConfig": {}}


def _derived_vpc(call: Call, options: dict[str, Any]) -> dict[str, Any]:
    subnets = [call.backend("ec2").get_subnet(id_) for id_ in options.get("SubnetIds", [])]
    return {
        "VPCId": subnets[0].vpc_id if subnets else None,
        "SubnetIds": list(options.get("SubnetIds", [])),
        "AvailabilityZones": sorted(subnet.availability_zone for subnet in subnets),
        "SecurityGroupIds": list(options.get("SecurityGroupIds", [])),
    }


@lists("opensearch")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.domains:
        yield "aws_elasticsearch_domain", name, name
