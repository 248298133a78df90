"""Amazon ECS: services.

Corrects CreateService, UpdateService, DescribeServices and DeleteService: a service has every setting that it was
sent, and rolls out the task definition that it should run. A rollout whose tasks start (see ecs_tasks.py and
`emulator/containers.py`) is complete at once, or after the time that a registered program is given. One whose tasks do
not start is IN_PROGRESS for ever; with the circuit breaker it is FAILED, and rolled back to the last revision that was
complete, where there is one and it is still registered. So is one that is going on when an alarm of the service is in
ALARM, unless one was when it began. Implements ListServiceDeployments, DescribeServiceDeployments
and DescribeServiceRevisions.

Corrects DescribeTaskDefinition and what else takes a family: a family's name is its latest ACTIVE revision.

Reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html, API_UpdateService.html,
API_Service.html, API_Deployment.html, API_ServiceDeployment.html, API_DescribeTaskDefinition.html;
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html (the threshold, and that
nothing is rolled back without a completed deployment), deployment-alarm-failure.html, service-event-messages-list.html;
AWS Containers Blog, "Automate rollbacks for Amazon ECS rolling deployments with CloudWatch alarms" (that ECS looks at
no alarm where one is in ALARM when the deployment begins)
"""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from random import randint
from threading import Thread
from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend

from ..containers import PROGRAMS, Process
from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares
from .ecs_tasks import (
    CannotStart,
    Task,
    add_task,
    definition_of,
    fail_to_start,
    log_line,
    prepare_start,
    start_process,
    tasks_of,
)

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

#: How long a rollback goes on, so that the failed deployment is seen beside it.
ROLLBACK_SECONDS = 2.0

_MOST_EVENTS = 100


_describe_revision = EC2ContainerServiceBackend.describe_task_definition


def _describe_task_definition(self: EC2ContainerServiceBackend, task_definition_str: str) -> Any:
    name = task_definition_str.split("/")[-1]
    if ":" not in name:
        revisions = self.task_definitions.get(name, {})
        active = [number for number, revision in revisions.items() if revision.status == "ACTIVE"]
        if not active:
            raise ApiError("ClientException", "Unable to describe task definition.")
        name = f"{name}:{max(active)}"
    return _describe_revision(self, name)


EC2ContainerServiceBackend.describe_task_definition = _describe_task_definition  # type: ignore[method-assign]


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass
class Rollout:
    """One deployment of a service."""

    definition: Any
    desired: int
    #: Not complete before it; of time.monotonic().
    due: float
    id: str = field(default_factory=lambda: f"ecs-svc/{randint(10**18, 10**19 - 1)}")
    revision: int = field(default_factory=lambda: randint(10**18, 10**19 - 1))
    state: str = "IN_PROGRESS"
    reason: str = ""
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)
    finished: datetime | None = None
    failed_tasks: int = 0
    #: One of the service's alarms was in ALARM when this began.
    ignores_alarms: bool = False
    #: Names of the alarms that ended it.
    alarmed: list[str] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    #: The one that failed, where this one takes its place.
    instead_of: Rollout | None = None
    #: This one's place was taken by another.
    rolled_back_by: Rollout | None = None
    #: Of a registered command that is tried out: None while it runs.
    tried: list[int] = field(default_factory=list)
    trial: Process | None = None

    def __post_init__(self) -> None:
        self.reason = f"ECS deployment {self.id} in progress."

    def finish(self, state: str, reason: str) -> None:
        self.state, self.reason = state, reason
        self.updated = self.finished = _now()

    @property
    def running(self) -> int:
        return sum(task.running for task in self.tasks)


@dataclass
class Rollouts:
    """Of one service; kept on moto's service."""

    #: What the API calls deployments, the primary first.
    current: list[Rollout] = field(default_factory=list)
    #: All there were, the oldest first.
    history: list[Rollout] = field(default_factory=list)
    last_completed: Rollout | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    def say(self, service: Any, message: str) -> None:
        event = {"id": str(uuid.uuid4()), "createdAt": _now(), "message": f"(service {service.name}) {message}"}
        self.events = [event, *self.events][:_MOST_EVENTS]


def _service(call: Call, document: dict[str, Any]) -> Any:
    cluster = document["clusterArn"].rsplit("/", 1)[-1]
    return call.backend().services[f"{cluster}:{document['serviceName']}"]


def _settings(service: Any) -> dict[str, Any]:
    if not hasattr(service, "settings_as_sent"):
        service.settings_as_sent = dict(_SETTINGS)
    settings: dict[str, Any] = service.settings_as_sent
    return settings


def _rollouts(service: Any) -> Rollouts:
    if not hasattr(service, "rollouts"):
        service.rollouts = Rollouts()
    rollouts: Rollouts = service.rollouts
    return rollouts


def _deployment_configuration(service: Any) -> dict[str, Any]:
    return {**_DEPLOYMENT_DEFAULTS, **_settings(service)["deploymentConfiguration"]}


def _alarms(service: Any) -> dict[str, Any]:
    alarms: dict[str, Any] = _deployment_configuration(service).get("alarms") or {}
    return alarms if alarms.get("enable") else {}


def _in_alarm(call: Call, service: Any) -> list[str]:
    """The service's alarms that are in ALARM."""
    existing = call.backend("cloudwatch").alarms
    names = _alarms(service).get("alarmNames", [])
    return [name for name in names if name in existing and existing[name].state_value == "ALARM"]


def _roll_out(call: Call, service: Any, definition: Any, instead_of: Rollout | None = None) -> None:
    rollouts = _rollouts(service)
    programs = [PROGRAMS.find(container["image"]) for container in definition.container_definitions]
    seconds = max((program.start_seconds for program in programs if program), default=0.0)
    if instead_of is not None:
        seconds = max(seconds, ROLLBACK_SECONDS)
    rollout = Rollout(definition, service.desired_count, time.monotonic() + seconds, instead_of=instead_of)
    if instead_of is not None:
        instead_of.rolled_back_by = rollout
        cause = "alarms detected" if instead_of.alarmed else "circuit breaker"
        rollout.reason = f"ECS deployment {cause}: rolling back to deploymentId {rollout.id}."
        rollouts.say(service, f"rolling back to deployment {rollout.id}.")
    # A rollback is not rolled back.
    rollout.ignores_alarms = instead_of is not None or bool(_in_alarm(call, service))
    service.task_definition = definition.arn
    rollouts.current.insert(0, rollout)
    rollouts.history.append(rollout)
    _try_out(call, rollout)


def _try_out(call: Call, rollout: Rollout) -> None:
    """Runs the registered command of the first container that has one, as one task of the service would."""
    containers = rollout.definition.container_definitions
    container = next((c for c in containers if (p := PROGRAMS.find(c["image"])) and p.command), None)
    if container is None:
        return
    try:
        secrets = prepare_start(call, rollout.definition)
    except CannotStart:
        return
    task = Task({"taskArn": f"task/{uuid.uuid4().hex}", "overrides": {}, "containers": [], "lastStatus": "PENDING"})
    try:
        rollout.trial = process = start_process(call, task, container, secrets[container["name"]])
    except OSError:
        rollout.tried.append(127)
        return
    assert process is not None
    Thread(
        target=lambda: rollout.tried.append(process.wait(lambda line: log_line(call, task, container, line))),
        daemon=True,
    ).start()


def _failure(call: Call, rollout: Rollout) -> tuple[str, int | None] | None:
    """Why a task of the revision stops (stoppedReason and exit code); None where it runs."""
    try:
        prepare_start(call, rollout.definition)
    except CannotStart as problem:
        return str(problem), None
    codes = [
        program.exit_code
        for container in rollout.definition.container_definitions
        if (program := PROGRAMS.find(container["image"])) and container.get("essential", True)
    ]
    code = next((code for code in [*rollout.tried, *codes] if code is not None), None)
    return None if code is None else ("Essential container in task exited", code)


def _advance(call: Call, service: Any) -> None:
    """What has happened by now."""
    rollouts = _rollouts(service)
    while rollouts.current:
        primary = rollouts.current[0]
        if primary.state == "IN_PROGRESS" and not primary.ignores_alarms and (alarmed := _in_alarm(call, service)):
            if not _stop_for_alarms(call, service, primary, alarmed):
                break
            continue
        ended_early = primary.tried and primary.instead_of is None
        if primary.state != "IN_PROGRESS" or (time.monotonic() < primary.due and not ended_early):
            break
        failure = _failure(call, primary) if service.desired_count else None
        if primary.trial is not None:
            primary.trial.kill()
        if failure is None:
            _complete_rollout(call, service, primary)
        elif primary.failed_tasks or not _fail_rollout(call, service, primary, *failure):
            break
    if rollouts.current and rollouts.current[0].state == "COMPLETED":
        _scale(call, service, rollouts.current[0])


def _complete_rollout(call: Call, service: Any, rollout: Rollout) -> None:
    rollouts = _rollouts(service)
    for old in rollouts.current[1:]:
        _stop_tasks(old)
    rollouts.current = [rollout]
    rollouts.last_completed = rollout
    rollout.finish("COMPLETED", f"ECS deployment {rollout.id} completed.")
    _scale(call, service, rollout)
    rollouts.say(service, f"(deployment {rollout.id}) deployment completed.")
    rollouts.say(service, "has reached a steady state.")


def _scale(call: Call, service: Any, rollout: Rollout) -> None:
    rollout.tasks = [task for task in rollout.tasks if task.running]
    rollout.desired = service.desired_count
    missing = service.desired_count - len(rollout.tasks)
    for _ in range(missing):
        rollout.tasks.append(_add_task(call, service, rollout))
    if missing > 0:
        names = " ".join(f"(task {t.document['taskArn'].split('/')[-1]})" for t in rollout.tasks[-missing:])
        _rollouts(service).say(service, f"has started {missing} tasks: {names}.")
    for task in rollout.tasks[max(service.desired_count, 0) :]:
        task.stop("ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {rollout.id})")
    rollout.tasks = [task for task in rollout.tasks if task.running]


def _add_task(call: Call, service: Any, rollout: Rollout) -> Task:
    cluster = call.backend()._get_cluster(service.cluster_name)
    strategy = _settings(service)["capacityProviderStrategy"]
    provider = {"capacityProviderName": strategy[0]["capacityProvider"]} if strategy else {}
    return add_task(
        call, rollout.definition, cluster, group=f"service:{service.name}", startedBy=rollout.id, **provider
    )


def _stop_tasks(rollout: Rollout) -> None:
    for task in rollout.tasks:
        task.stop("ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {rollout.id})")


def _fail_rollout(call: Call, service: Any, rollout: Rollout, reason: str, exit_code: int | None) -> bool:
    """Whether something follows: a rollback."""
    rollouts = _rollouts(service)
    rollout.failed_tasks = _threshold(service)
    for _ in range(rollout.failed_tasks):
        task = _add_task(call, service, rollout)
        if exit_code is None:
            fail_to_start(task, reason)
            continue
        for container in task.document["containers"]:
            container |= {"exitCode": exit_code, "lastStatus": "STOPPED"}
        task.stop("EssentialContainerExited", reason)
    rollout.updated = _now()
    breaker = _deployment_configuration(service)["deploymentCircuitBreaker"]
    if not breaker["enable"]:
        rollouts.say(service, f"is unable to consistently start tasks successfully. {reason}")
        return False
    rollout.finish("FAILED", "ECS deployment circuit breaker: tasks failed to start.")
    rollouts.say(service, f"(deployment {rollout.id}) deployment failed: tasks failed to start.")
    return bool(breaker["rollback"]) and _roll_back(call, service, rollout)


def _stop_for_alarms(call: Call, service: Any, rollout: Rollout, alarmed: list[str]) -> bool:
    """Whether something follows: a rollback."""
    rollout.alarmed = alarmed
    if rollout.trial is not None:
        rollout.trial.kill()
    rollout.finish("FAILED", f"ECS deployment {rollout.id} failed: alarm detected.")
    _rollouts(service).say(service, f"(deployment {rollout.id}) deployment failed: alarm detected.")
    return bool(_alarms(service).get("rollback")) and _roll_back(call, service, rollout)


def _roll_back(call: Call, service: Any, rollout: Rollout) -> bool:
    """Whether there is something to go back to."""
    last = _rollouts(service).last_completed
    if rollout.instead_of or last is None or last.definition.status != "ACTIVE":
        return False
    _roll_out(call, service, last.definition, instead_of=rollout)
    return True


def _threshold(service: Any) -> int:
    """Failed tasks that trigger the circuit breaker: half of the desired count, 3 to 200."""
    return min(200, max(3, math.ceil(int(service.desired_count) / 2)))


def _complete(call: Call, document: dict[str, Any]) -> None:
    service = _service(call, document)
    settings = _settings(service)
    document.update({name: value for name, value in settings.items() if value is not None})
    document["deploymentConfiguration"] = _deployment_configuration(service)
    document["taskDefinition"] = service.task_definition
    rollouts = _rollouts(service)
    document["deployments"] = [_deployment(rollout, service, index) for index, rollout in enumerate(rollouts.current)]
    document["events"] = rollouts.events
    document["runningCount"] = sum(rollout.running for rollout in rollouts.current)
    document["pendingCount"] = sum(each["pendingCount"] for each in document["deployments"])


def _deployment(rollout: Rollout, service: Any, index: int) -> dict[str, Any]:
    desired = service.desired_count if index == 0 else 0
    return {
        "id": rollout.id,
        "status": "ACTIVE" if index else "PRIMARY",
        "taskDefinition": rollout.definition.arn,
        "desiredCount": desired,
        "runningCount": rollout.running,
        "pendingCount": max(desired - rollout.running, 0) if rollout.state == "IN_PROGRESS" else 0,
        "failedTasks": rollout.failed_tasks,
        "createdAt": rollout.created,
        "updatedAt": rollout.updated,
        "launchType": service.launch_type,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "rolloutState": rollout.state,
        "rolloutStateReason": rollout.reason,
    }


@prepares("ecs", "CreateService", "UpdateService")
def refuse_inactive_definition(call: Call) -> None:
    """A deregistered task definition cannot be deployed anew."""
    name = call.params.get("taskDefinition")
    if name and definition_of(call, name).status != "ACTIVE":
        raise ApiError("ClientException", "TaskDefinition is inactive")


@amends("ecs", "CreateService", "UpdateService")
def deploy(call: Call, response: dict[str, Any]) -> None:
    """Settings as sent, over those sent before; another task definition, or force, rolls out."""
    document = response["service"]
    service = _service(call, document)
    settings = _settings(service)
    settings.update({name: call.params[name] for name in _SETTINGS if name in call.params})
    rollouts = _rollouts(service)
    if service.task_definition:
        definition = definition_of(call, service.task_definition)
        service.task_definition = definition.arn
        deployed = rollouts.current[0].definition.arn if rollouts.current else None
        if definition.arn != deployed or call.params.get("forceNewDeployment"):
            _roll_out(call, service, definition)
    _advance(call, service)
    _complete(call, document)


@amends("ecs", "DescribeServices")
def describe_services(call: Call, response: dict[str, Any]) -> None:
    """Settings as sent; deployments and events as they are now."""
    for document in response["services"]:
        if document["status"] == "ACTIVE":
            _advance(call, _service(call, document))
            _complete(call, document)


@prepares("ecs", "ListTasks", "DescribeTasks", "ListServiceDeployments", "DescribeServiceDeployments")
def advance_all(call: Call) -> None:
    for service in call.backend().services.values():
        if service.status == "ACTIVE":
            _advance(call, service)


@amends("ecs", "DeleteService")
def stop_service(call: Call, response: dict[str, Any]) -> None:
    """Its tasks stop."""
    group = f"service:{response['service']['serviceName']}"
    for task in tasks_of(call).values():
        if task.document["group"] == group and task.document["clusterArn"] == response["service"]["clusterArn"]:
            task.stop("ServiceSchedulerInitiated", "Service deleted")


def _arn(call: Call, service: Any, kind: str, id_: object) -> str:
    return f"arn:aws:ecs:{call.region}:{call.account_id}:{kind}/{service.cluster_name}/{service.name}/{id_}"


def _status(rollout: Rollout) -> str:
    if rollout.state == "COMPLETED":
        return "SUCCESSFUL"
    if rollout.state == "IN_PROGRESS":
        return "IN_PROGRESS"
    back = rollout.rolled_back_by
    if back is None:
        return "ROLLBACK_FAILED"
    return {"COMPLETED": "ROLLBACK_SUCCESSFUL", "FAILED": "ROLLBACK_FAILED"}.get(back.state, "ROLLBACK_IN_PROGRESS")


def _service_deployment(call: Call, service: Any, rollout: Rollout) -> dict[str, Any]:
    back = rollout.rolled_back_by
    finished = back.finished if back is not None else rollout.finished
    breaker = _deployment_configuration(service)["deploymentCircuitBreaker"]
    failed = rollout.state == "FAILED"
    watching = "TRIGGERED" if failed and not rollout.alarmed else "MONITORING"
    alarms = _alarms(service)
    document = {
        "serviceDeploymentArn": _arn(call, service, "service-deployment", rollout.id.split("/")[-1]),
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "createdAt": rollout.created,
        "startedAt": rollout.created,
        "updatedAt": rollout.updated,
        "status": _status(rollout),
        "statusReason": rollout.reason,
        "targetServiceRevision": {
            "arn": _arn(call, service, "service-revision", rollout.revision),
            "requestedTaskCount": service.desired_count,
            "runningTaskCount": rollout.running,
            "pendingTaskCount": 0,
        },
        "deploymentConfiguration": _deployment_configuration(service),
        "deploymentCircuitBreaker": {
            "status": watching if breaker["enable"] else "DISABLED",
            "failureCount": rollout.failed_tasks,
            "threshold": _threshold(service),
        },
    }
    if alarms:
        document["alarms"] = {
            "status": "TRIGGERED" if rollout.alarmed else "MONITORING",
            "alarmNames": alarms["alarmNames"],
            "triggeredAlarmNames": rollout.alarmed,
        }
    if finished is not None:
        document["finishedAt"] = finished
    if back is not None:
        document["rollback"] = {
            "reason": f"Service deployment rolled back because {_cause(rollout)}.",
            "startedAt": back.created,
            "serviceRevisionArn": _arn(call, service, "service-revision", back.revision),
        }
    return document


def _cause(rollout: Rollout) -> str:
    if rollout.alarmed:
        return f"of alarms in ALARM state: {', '.join(rollout.alarmed)}"
    return "the circuit breaker threshold was exceeded"


def _service_deployments(call: Call) -> Iterator[dict[str, Any]]:
    """The newest first. A rollback is part of the deployment that it rolls back."""
    for service in call.backend().services.values():
        for rollout in reversed(_rollouts(service).history):
            if rollout.instead_of is None:
                yield _service_deployment(call, service, rollout)


@implements("ecs", "ListServiceDeployments")
def list_service_deployments(call: Call) -> dict[str, Any]:
    service = call.backend()._get_service(call.params.get("cluster", "default"), call.params["service"])
    brief = ("serviceDeploymentArn", "serviceArn", "clusterArn", "startedAt", "createdAt", "finishedAt", "status")
    wanted = call.params.get("status")
    return {
        "serviceDeployments": [
            {
                **{name: each[name] for name in brief if name in each},
                "statusReason": each["statusReason"],
                "targetServiceRevisionArn": each["targetServiceRevision"]["arn"],
            }
            for each in _service_deployments(call)
            if each["serviceArn"] == service.arn and (not wanted or each["status"] in wanted)
        ]
    }


@implements("ecs", "DescribeServiceDeployments")
def describe_service_deployments(call: Call) -> dict[str, Any]:
    found = {each["serviceDeploymentArn"]: each for each in _service_deployments(call)}
    wanted = call.params["serviceDeploymentArns"]
    return {
        "serviceDeployments": [found[arn] for arn in wanted if arn in found],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in found],
    }


@implements("ecs", "DescribeServiceRevisions")
def describe_service_revisions(call: Call) -> dict[str, Any]:
    """Which task definition a revision is of."""
    found = {
        _arn(call, service, "service-revision", rollout.revision): {
            "serviceRevisionArn": _arn(call, service, "service-revision", rollout.revision),
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "taskDefinition": rollout.definition.arn,
            "launchType": service.launch_type,
            "createdAt": rollout.created,
        }
        for service in call.backend().services.values()
        for rollout in _rollouts(service).history
    }
    wanted = call.params["serviceRevisionArns"]
    return {
        "serviceRevisions": [found[arn] for arn in wanted if arn in found],
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in found],
    }


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
