"""Amazon ECS: services.

Corrects CreateService, UpdateService, DescribeServices and DeleteService: a service has every setting that it was
sent, and runs as many tasks as it should, of the task definition that it should, at once.

Reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html, API_UpdateService.html,
API_Service.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Call, Found, amends, lists

#: Members that CreateService and UpdateService share with Service, and Service's value when they were never sent.
_SETTINGS: dict[str, Any] = {
    "availabilityZoneRebalancing": "DISABLED",
    "capacityProviderStrategy": None,
    "deploymentConfiguration": {},
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": 0,
    "loadBalancers": [],
    "networkConfiguration": None,
    "platformVersion": None,
    "propagateTags": "NONE",
    "serviceRegistries": [],
}

_DEPLOYMENT_DEFAULTS = {
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


def _settings(call: Call, document: dict[str, Any]) -> dict[str, Any]:
    cluster = document["clusterArn"].rsplit("/", 1)[-1]
    service = call.backend().services[f"{cluster}:{document['serviceName']}"]
    if not hasattr(service, "settings_as_sent"):
        service.settings_as_sent = dict(_SETTINGS)
    settings: dict[str, Any] = service.settings_as_sent
    return settings


def _complete(document: dict[str, Any], settings: dict[str, Any]) -> None:
    document.update({name: value for name, value in settings.items() if value is not None})
    document["deploymentConfiguration"] = {**_DEPLOYMENT_DEFAULTS, **settings["deploymentConfiguration"]}
    document["runningCount"] = document["desiredCount"]
    document["pendingCount"] = 0
    for deployment in document.get("deployments", []):
        deployment["runningCount"] = deployment["desiredCount"] = document["desiredCount"]
        deployment["pendingCount"] = 0
        deployment["taskDefinition"] = document["taskDefinition"]
        deployment["rolloutState"] = "COMPLETED"


@amends("ecs", "CreateService", "UpdateService")
def keep_settings(call: Call, response: dict[str, Any]) -> None:
    """Settings as sent, over those sent before."""
    document = response["service"]
    settings = _settings(call, document)
    settings.update({name: call.params[name] for name in _SETTINGS if name in call.params})
    _complete(document, settings)


@amends("ecs", "DescribeServices")
def echo_settings(call: Call, response: dict[str, Any]) -> None:
    """Settings as sent; the desired number of tasks is running."""
    for document in response["services"]:
        if document["status"] == "ACTIVE":
            _complete(document, _settings(call, document))


@lists("ecs")
def list_resources(backend: Any) -> Iterator[Found]:
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
