"""Amazon ECS: tasks on Fargate.

Implements RunTask, DescribeTasks, ListTasks and StopTask. A task starts where its image is in ECR (asked for images of
this account only), its log groups exist and its secrets have values; what then happens is in `emulator/containers.py`:
a registered program runs with the container's variables and secrets, and its lines go to the container's log stream.
Each container of RunTask runs to its end; the task ends with the first essential one.

Not modelled: placement on EC2, health checks, dependencies and restarts of containers, network interfaces.

Reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html, API_Task.html;
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html,
stopped-task-error-codes.html
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from threading import Thread
from typing import Any

from .. import keys, running
from ..containers import PROGRAMS, Process
from ..hooks import ApiError, Call, implements

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<name>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_SECRET = re.compile(r"(?P<arn>arn:aws:secretsmanager:[^:]+:\d+:secret:[^:]+)(?::(?P<key>[^:]*))?(?::[^:]*){0,2}")

#: Stopped tasks that are still described. ECS keeps them for an hour.
_MOST_STOPPED = 200


class CannotStart(Exception):
    """Why a task does not start, in ECS's words (stoppedReason)."""


@dataclass
class Task:
    """`document` is the API's Task."""

    document: dict[str, Any]
    processes: list[Process] = field(default_factory=list)

    @property
    def running(self) -> bool:
        return bool(self.document["lastStatus"] == "RUNNING")

    def stop(self, code: str, reason: str) -> None:
        """At once; containers that have not ended get exit code 137 (SIGKILL)."""
        if self.document["lastStatus"] == "STOPPED":
            return
        now = datetime.now(timezone.utc)
        self.document |= {
            "desiredStatus": "STOPPED",
            "lastStatus": "STOPPED",
            "stopCode": code,
            "stoppedReason": reason,
            "stoppingAt": now,
            "stoppedAt": now,
        }
        for container in self.document["containers"]:
            if container["lastStatus"] == "RUNNING":
                container["exitCode"] = 137
            container["lastStatus"] = "STOPPED"
        for process in self.processes:
            process.kill()


def tasks_of(call: Call) -> dict[str, Task]:
    """By ARN, the oldest first, of the call's account and region."""
    found: dict[str, Task] = vars(call.backend()).setdefault("fargate_tasks", {})
    return found


def vcpus_in_use(call: Call, spot: bool) -> float | None:
    """Of all tasks on Fargate in the call's account and region; None where there never was one."""
    tasks: dict[str, Task] = vars(call.backend("ecs")).get("fargate_tasks", {})
    if not tasks:
        return None
    return sum(
        int(task.document["cpu"]) / 1024
        for task in tasks.values()
        if task.running and (task.document.get("capacityProviderName") == "FARGATE_SPOT") == spot
    )


def definition_of(call: Call, name: str) -> Any:
    """moto's task definition: ARN, family or family:revision. Raises ApiError."""
    return call.backend().describe_task_definition(name)


def add_task(call: Call, definition: Any, cluster: Any, **members: Any) -> Task:
    """A task that runs; its containers do nothing yet."""
    arn = f"arn:aws:ecs:{call.region}:{call.account_id}:task/{cluster.name}/{uuid.uuid4().hex}"
    now = datetime.now(timezone.utc)
    task = Task(
        {
            "taskArn": arn,
            "clusterArn": cluster.arn,
            "taskDefinitionArn": definition.arn,
            "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING",
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "connectivity": "CONNECTED",
            "healthStatus": "UNKNOWN",
            "version": 1,
            "attachments": [],
            "overrides": {},
            "tags": [],
            "createdAt": now,
            "startedAt": now,
            "cpu": definition.cpu or "256",
            "memory": definition.memory or "512",
            "containers": [
                {
                    "containerArn": f"{arn.replace(':task/', ':container/')}/{uuid.uuid4()}",
                    "taskArn": arn,
                    "name": container["name"],
                    "image": container["image"],
                    "lastStatus": "RUNNING",
                    "networkInterfaces": [],
                    "networkBindings": [],
                }
                for container in definition.container_definitions
            ],
            **members,
        }
    )
    tasks = tasks_of(call)
    tasks[arn] = task
    stopped = [each for each, old in tasks.items() if not old.running]
    for each in stopped[:-_MOST_STOPPED]:
        del tasks[each]
    return task


def fail_to_start(task: Task, reason: str) -> None:
    """No container ran: none has an exit code."""
    for container in task.document["containers"]:
        container["lastStatus"] = "STOPPED"
    del task.document["startedAt"]
    task.stop("TaskFailedToStart", reason)


def prepare_start(call: Call, definition: Any) -> dict[str, dict[str, str]]:
    """The values of each container's secrets, by its name. Raises CannotStart."""
    values: dict[str, dict[str, str]] = {}
    for container in definition.container_definitions:
        _find_image(call, container["image"])
        _find_log_group(call, container)
        values[container["name"]] = {
            secret["name"]: _secret_value(call, secret["valueFrom"], getattr(definition, "execution_role_arn", None))
            for secret in container.get("secrets", [])
        }
    return values


def _find_image(call: Call, image: str) -> None:
    """Images of other registries exist."""
    match = _ECR_IMAGE.fullmatch(image)
    if match is None or match["account"] != call.account_id or match["region"] != call.region:
        return
    repository = call.backend("ecr").repositories.get(match["name"])
    if repository is None:
        raise CannotStart(
            f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
            f"pulling from host {image.split('/')[0]} failed with status code [manifests {match['tag'] or 'latest'}]: "
            "404 Not Found"
        )
    tag = None if match["digest"] else match["tag"] or "latest"
    for each in repository.images:
        if tag in each.image_tags if tag else each.get_image_digest() == match["digest"]:
            return
    raise CannotStart(
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        f"{image}: not found"
    )


def _log_options(container: dict[str, Any]) -> dict[str, str] | None:
    logging = container.get("logConfiguration") or {}
    options: dict[str, str] = logging.get("options") or {}
    return options if logging.get("logDriver") == "awslogs" else None


def _find_log_group(call: Call, container: dict[str, Any]) -> None:
    options = _log_options(container)
    if options is None or options.get("awslogs-create-group") == "true":
        return
    group = options.get("awslogs-group")
    if options.get("awslogs-region", call.region) == call.region and group not in call.backend("logs").groups:
        raise CannotStart(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
            f" ({group}) : exit status 1"
        )


def _secret_value(call: Call, value_from: str, execution_role: str | None) -> str:
    """Of Secrets Manager (a key of its JSON, where one is named) or of a parameter of Systems Manager."""
    match = _SECRET.fullmatch(value_from)
    if match is None:
        name = value_from.rsplit(":parameter", 1)[-1]
        parameter = call.backend("ssm").get_parameter(name)
        if parameter is None:
            raise _no_secret(f"fetching secrets from SSM Parameter Store in region: invalid parameters: {name}")
        return str(parameter.value)
    secret = next((each for each in call.backend("secretsmanager").secrets.values() if each.arn == match["arn"]), None)
    version = key = None
    if secret is not None and not secret.is_deleted():
        key = secret.kms_key_id
        version = next((v for v in secret.versions.values() if "AWSCURRENT" in v["version_stages"]), None)
    if version is None:
        raise _no_secret(
            f"failed to fetch secret {match['arn']} from secrets manager: ResourceNotFoundException: Secrets Manager "
            "can't find the specified secret."
        )
    by = ("secretsmanager", call.account_id, call.region)
    if execution_role and not keys.role_may(execution_role, "kms:Decrypt", key, by):
        raise _no_secret(
            f"failed to fetch secret {match['arn']} from secrets manager: AccessDeniedException: Access to KMS is not "
            "allowed"
        )
    text = str(version.get("secret_string") or "")
    if not match["key"]:
        return text
    try:
        return str(json.loads(text)[match["key"]])
    except (ValueError, KeyError, TypeError):
        raise _no_secret(f"retrieved secret from Secrets Manager did not contain json key {match['key']}") from None


def _no_secret(what: str) -> CannotStart:
    return CannotStart(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        f"unable to retrieve secret from asm: service call has been retried 1 time(s): {what}"
    )


def start_process(call: Call, task: Task, container: dict[str, Any], secrets: dict[str, str]) -> Process | None:
    """The program that is registered for the image, as the container's; None where there is none."""
    program = PROGRAMS.find(container["image"])
    if program is None or not program.command:
        return None
    override: dict[str, Any] = next(
        (
            each
            for each in task.document["overrides"].get("containerOverrides", [])
            if each.get("name") == container["name"]
        ),
        {},
    )
    variables = [*container.get("environment", []), *override.get("environment", [])]
    arguments = override.get("command") or container.get("command") or []
    process = Process(
        [*program.command, *arguments], {**{v["name"]: v["value"] for v in variables}, **secrets}, call.region
    )
    task.processes.append(process)
    return process


def log_line(call: Call, task: Task, container: dict[str, Any], line: str) -> None:
    """Into the stream that awslogs names; the caller does not hold the lock of the state."""
    options = _log_options(container)
    if options is None:
        return
    group = options["awslogs-group"]
    stream = f"{options.get('awslogs-stream-prefix', '')}/{container['name']}/{task.document['taskArn'].split('/')[-1]}"
    with running.STATE:
        logs = call.backend("logs")
        logs.ensure_log_group(group)
        if stream not in logs.groups[group].streams:
            logs.create_log_stream(group, stream)
        logs.put_log_events(group, stream, [{"timestamp": int(time.time() * 1000), "message": line}])


@implements("ecs", "RunTask")
def run_task(call: Call) -> dict[str, Any]:
    """Answers when the tasks are there; how they end is seen in DescribeTasks."""
    params = call.params
    cluster = call.backend()._get_cluster(params.get("cluster", "default"))
    definition = definition_of(call, params["taskDefinition"])
    if definition.status != "ACTIVE":
        raise ApiError("ClientException", "TaskDefinition is inactive")
    network = params.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if definition.network_mode == "awsvpc":
        _check_network(call, network)
    tasks = []
    for _ in range(params.get("count", 1)):
        task = add_task(
            call,
            definition,
            cluster,
            group=params.get("group", f"family:{definition.family}"),
            overrides=params.get("overrides", {}),
            startedBy=params.get("startedBy", ""),
            tags=params.get("tags", []),
            launchType=params.get("launchType", "FARGATE"),
            attachments=_attachments(network),
        )
        tasks.append({**task.document, "lastStatus": "PROVISIONING"})
        try:
            secrets = prepare_start(call, definition)
        except CannotStart as problem:
            fail_to_start(task, str(problem))
            continue
        Thread(target=_run, args=(call, task, definition, secrets), daemon=True).start()
    return {"tasks": tasks, "failures": []}


def _check_network(call: Call, network: dict[str, Any] | None) -> None:
    if network is None:
        message = "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        raise ApiError("InvalidParameterException", message)
    subnets = {id_ for each in call.backend("ec2").subnets.values() for id_ in each}
    groups = {id_ for each in call.backend("ec2").groups.values() for id_ in each}
    for kind, wanted, known in (
        ("subnet", network["subnets"], subnets),
        ("security group", network.get("securityGroups", []), groups),
    ):
        for id_ in wanted:
            if id_ not in known:
                code = "InvalidSubnetID.NotFound" if kind == "subnet" else "InvalidGroup.NotFound"
                raise ApiError(
                    "InvalidParameterException",
                    f"Error retrieving {kind} information for [{id_}]: The {kind} '{id_}' does not exist "
                    f"(ErrorCode: {code})",
                )


def _attachments(network: dict[str, Any] | None) -> list[dict[str, Any]]:
    if network is None:
        return []
    details = [{"name": "subnetId", "value": network["subnets"][0]}]
    return [{"id": str(uuid.uuid4()), "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": details}]


def _run(call: Call, task: Task, definition: Any, secrets: dict[str, dict[str, str]]) -> None:
    """Every container to its end, each in a thread of its own."""
    threads = [
        Thread(target=_run_container, args=(call, task, container, secrets[container["name"]]), daemon=True)
        for container in definition.container_definitions
    ]
    for thread in threads:
        thread.start()


def _run_container(call: Call, task: Task, container: dict[str, Any], secrets: dict[str, str]) -> None:
    program = PROGRAMS.find(container["image"])
    reason = None
    try:
        process = start_process(call, task, container, secrets)
    except OSError as problem:
        process, exit_code = None, 127
        reason = f"CannotStartContainerError: {problem.strerror}: {problem.filename}"
    else:
        exit_code = (program.exit_code if program else None) or 0
    if process is not None:
        exit_code = process.wait(lambda line: log_line(call, task, container, line))
    with running.STATE:
        document = next(each for each in task.document["containers"] if each["name"] == container["name"])
        if not task.running:
            return
        document |= {"lastStatus": "STOPPED", "exitCode": exit_code}
        if reason:
            document["reason"] = reason
        if container.get("essential", True):
            task.stop("EssentialContainerExited", "Essential container in task exited")


def _is_wanted(names: list[str]) -> Callable[[str], bool]:
    ids = {name.split("/")[-1] for name in names}
    return lambda arn: arn.split("/")[-1] in ids


@implements("ecs", "DescribeTasks")
def describe_tasks(call: Call) -> dict[str, Any]:
    cluster = call.backend()._get_cluster(call.params.get("cluster", "default"))
    wanted = _is_wanted(call.params["tasks"])
    found = [task for arn, task in tasks_of(call).items() if wanted(arn)]
    known = _is_wanted([task.document["taskArn"] for task in found])
    prefix = f"arn:aws:ecs:{call.region}:{call.account_id}:task/{cluster.name}/"
    return {
        "tasks": [task.document for task in found],
        "failures": [
            {"arn": f"{prefix}{name.split('/')[-1]}", "reason": "MISSING"}
            for name in call.params["tasks"]
            if not known(name)
        ],
    }


@implements("ecs", "ListTasks")
def list_tasks(call: Call) -> dict[str, Any]:
    """RUNNING is the desired status that is listed by default."""
    params = call.params
    cluster = call.backend()._get_cluster(params.get("cluster", "default"))
    conditions = {
        "clusterArn": cluster.arn,
        "desiredStatus": params.get("desiredStatus", "RUNNING"),
        "startedBy": params.get("startedBy"),
        "launchType": params.get("launchType"),
        "group": params.get("serviceName") and f"service:{params['serviceName'].split('/')[-1]}",
    }
    arns = [
        arn
        for arn, task in tasks_of(call).items()
        if all(task.document.get(name) == value for name, value in conditions.items() if value)
        and ("family" not in params or _family(task) == params["family"])
    ]
    return {"taskArns": arns}


def _family(task: Task) -> str:
    return str(task.document["taskDefinitionArn"]).rsplit("/", 1)[-1].split(":")[0]


@implements("ecs", "StopTask")
def stop_task(call: Call) -> dict[str, Any]:
    wanted = _is_wanted([call.params["task"]])
    task = next((task for arn, task in tasks_of(call).items() if wanted(arn)), None)
    if task is None:
        raise ApiError("InvalidParameterException", "The referenced task was not found.")
    task.stop("UserInitiated", call.params.get("reason", "Task stopped by user"))
    return {"task": task.document}
