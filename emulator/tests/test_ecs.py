"""Tasks start, run and end; rollouts fail and are rolled back."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import Any

from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_REPOSITORY = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/api"
_TROUBLE = 20


class EcsTestCase(EmulatorTestCase):
    subnet: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server.client("ecs").create_cluster(clusterName="c")
        cls.server.client("ecr").create_repository(repositoryName="api")
        cls.server.client("logs").create_log_group(logGroupName="/api")
        ec2 = cls.server.client("ec2")
        cls.subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]

    def setUp(self) -> None:
        self.ecs = self.server.client("ecs")
        self.server.control("DELETE", "containers")

    def push(self, tag: str) -> str:
        """The digest."""
        media_type = "application/vnd.oci.image.manifest.v1+json"
        layers = [{"digest": f"sha256:{tag}"}]
        manifest = {"schemaVersion": 2, "mediaType": media_type, "config": {"size": 1}, "layers": layers}
        image = self.server.client("ecr").put_image(
            repositoryName="api", imageManifest=json.dumps(manifest), imageTag=tag
        )["image"]
        return str(image["imageId"]["imageDigest"])

    def register(self, image: str, **changes: Any) -> str:
        container = {
            "name": "api",
            "image": image,
            "essential": True,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/api", "awslogs-region": REGION, "awslogs-stream-prefix": "p"},
            },
            **changes,
        }
        arn = self.ecs.register_task_definition(
            family="api",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[container],
        )["taskDefinition"]["taskDefinitionArn"]
        return str(arn)

    def program(self, **members: Any) -> None:
        self.server.control("POST", "containers", {"image": f"{_REPOSITORY}:*", **members})


class TaskTest(EcsTestCase):
    def run_task(self, definition: str, **settings: Any) -> dict[str, Any]:
        """The task as it is when it has stopped."""
        network = {"awsvpcConfiguration": {"subnets": [self.subnet]}}
        task = self.ecs.run_task(
            cluster="c", taskDefinition=definition, launchType="FARGATE", networkConfiguration=network, **settings
        )["tasks"][0]
        deadline = time.monotonic() + _TROUBLE
        while task["lastStatus"] != "STOPPED":
            self.assertLess(time.monotonic(), deadline, task)
            time.sleep(0.05)
            task = self.ecs.describe_tasks(cluster="c", tasks=[task["taskArn"]])["tasks"][0]
        return dict(task)

    def log(self, task: dict[str, Any]) -> list[str]:
        stream = f"p/api/{task['taskArn'].split('/')[-1]}"
        events = self.server.client("logs").get_log_events(logGroupName="/api", logStreamName=stream)["events"]
        return [event["message"] for event in events]

    def test_without_a_program_a_task_exits_with_zero(self) -> None:
        self.push("1")
        task = self.run_task(self.register(f"{_REPOSITORY}:1"), startedBy="me")
        self.assertEqual(task["stopCode"], "EssentialContainerExited")
        self.assertEqual(task["stoppedReason"], "Essential container in task exited")
        self.assertEqual((task["containers"][0]["exitCode"], task["startedBy"]), (0, "me"))

    def test_a_program_has_variables_secrets_and_arguments_and_its_lines_are_logged(self) -> None:
        self.push("2")
        secret = self.server.client("secretsmanager").create_secret(Name="s", SecretString='{"url": "u"}')["ARN"]
        self.server.client("ssm").put_parameter(Name="/p", Value="parameter", Type="String")
        code = "import os, sys; print(sys.argv[1:], *(os.environ[n] for n in ('A', 'B', 'S', 'P'))); sys.exit(3)"
        self.program(command=[sys.executable, "-c", code])
        definition = self.register(
            f"{_REPOSITORY}:2",
            command=["migrate"],
            environment=[{"name": "A", "value": "a"}, {"name": "B", "value": "b"}],
            secrets=[{"name": "S", "valueFrom": f"{secret}:url::"}, {"name": "P", "valueFrom": "/p"}],
        )
        overrides = {"containerOverrides": [{"name": "api", "environment": [{"name": "B", "value": "over"}]}]}
        task = self.run_task(definition, overrides=overrides)
        self.assertEqual(task["containers"][0].get("exitCode"), 3, task)
        self.assertEqual(self.log(task), ["['migrate'] a over u parameter"])

    def test_what_does_not_start_says_why(self) -> None:
        digest = self.push("3")
        gone = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:gone-AAAAAA"
        log = {"logDriver": "awslogs", "options": {"awslogs-group": "/none", "awslogs-region": REGION}}
        for image, changes, reason in (
            (f"{_REPOSITORY}:none", {}, f"{_REPOSITORY}:none: not found"),
            (f"{_REPOSITORY}@sha256:{'0' * 64}", {}, "CannotPullContainerError: "),
            (f"{_REPOSITORY}-other:3", {}, "404 Not Found"),
            (f"{_REPOSITORY}:3", {"secrets": [{"name": "S", "valueFrom": gone}]}, f"failed to fetch secret {gone}"),
            (f"{_REPOSITORY}:3", {"logConfiguration": log}, "The specified log group does not exist"),
        ):
            with self.subTest(reason):
                task = self.run_task(self.register(image, **changes))
                self.assertEqual(task["stopCode"], "TaskFailedToStart")
                self.assertIn(reason, task["stoppedReason"])
                self.assertNotIn("exitCode", task["containers"][0])
        self.assertEqual(self.run_task(self.register(f"{_REPOSITORY}@{digest}"))["containers"][0]["exitCode"], 0)

    def test_a_task_that_is_stopped_is_killed(self) -> None:
        self.push("4")
        self.program(command=[sys.executable, "-c", "import time; time.sleep(60)"])
        network = {"awsvpcConfiguration": {"subnets": [self.subnet]}}
        definition = self.register(f"{_REPOSITORY}:4")
        run = self.ecs.run_task(cluster="c", taskDefinition=definition, networkConfiguration=network)
        arn = run["tasks"][0]["taskArn"]
        self.assertIn(arn, self.ecs.list_tasks(cluster="c", family="api")["taskArns"])
        self.ecs.stop_task(cluster="c", task=arn, reason="enough")
        task = self.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0]
        self.assertEqual((task["stopCode"], task["stoppedReason"]), ("UserInitiated", "enough"))
        self.assertEqual(task["containers"][0]["exitCode"], 137)
        self.assertNotIn(arn, self.ecs.list_tasks(cluster="c", family="api")["taskArns"])
        self.assertIn(arn, self.ecs.list_tasks(cluster="c", family="api", desiredStatus="STOPPED")["taskArns"])

    def test_a_network_is_needed_and_must_exist(self) -> None:
        definition = self.register("public.ecr.aws/x:1")
        for network, message in (
            ({}, "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
            ({"subnets": ["subnet-0"]}, "The subnet 'subnet-0' does not exist"),
            ({"subnets": [self.subnet], "securityGroups": ["sg-0"]}, "The security group 'sg-0' does not exist"),
        ):
            given = {"networkConfiguration": {"awsvpcConfiguration": network}} if network else {}
            with self.assertRaises(self.ecs.exceptions.InvalidParameterException) as caught:
                self.ecs.run_task(cluster="c", taskDefinition=definition, **given)
            self.assertIn(message, str(caught.exception))

    def test_a_wrong_program_is_refused(self) -> None:
        for document, message in (
            ({"command": ["true"]}, "image must be a non-empty string"),
            ({"image": "*", "command": ["true"], "exitCode": 1}, "either command or exitCode"),
            ({"image": "*", "exitCode": 256}, "exitCode must be an integer from 0 to 255"),
        ):
            with self.assertRaises(Exception) as caught:
                self.server.control("POST", "containers", document)
            self.assertIn(message, caught.exception.read().decode())  # type: ignore[attr-defined]
            caught.exception.close()  # type: ignore[attr-defined]


class UsageTest(EcsTestCase):
    def usage(self, capacity: str, **changes: Any) -> list[float]:
        now = datetime.now(timezone.utc)
        dimensions = {"Service": "Fargate", "Type": "Resource", "Resource": "vCPU", "Class": f"Standard/{capacity}"}
        points = self.server.client("cloudwatch").get_metric_statistics(
            **{
                "Namespace": "AWS/Usage",
                "MetricName": "ResourceCount",
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                "StartTime": now - timedelta(minutes=15),
                "EndTime": now,
                "Period": 300,
                "Statistics": ["Maximum"],
                **changes,
            }
        )["Datapoints"]
        return [point["Maximum"] for point in points]

    def test_vcpus_of_the_tasks_that_run_by_capacity(self) -> None:
        self.assertEqual(self.usage("OnDemand"), [])
        definition = self.register("public.ecr.aws/docker/library/busybox:1")
        settings: dict[str, Any] = {"cluster": "c", "taskDefinition": definition}
        self.ecs.create_service(**settings, serviceName="own", desiredCount=3, launchType="FARGATE")
        spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
        self.ecs.create_service(**settings, serviceName="spot", desiredCount=1, capacityProviderStrategy=spot)
        self.ecs.describe_services(cluster="c", services=["own", "spot"])
        self.assertEqual((self.usage("OnDemand"), self.usage("Spot")), ([0.75], [0.25]))
        self.assertEqual(self.usage("OnDemand", MetricName="CallCount"), [])
        self.ecs.delete_service(cluster="c", service="own", force=True)
        self.assertEqual((self.usage("OnDemand"), self.usage("Spot")), ([0], [0.25]))


class RolloutTest(EcsTestCase):
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}

    def setUp(self) -> None:
        super().setUp()
        self.name = self.id().rsplit(".", 1)[-1][5:50]

    def create(self, definition: str, **settings: Any) -> None:
        self.ecs.create_service(
            **{
                "cluster": "c",
                "serviceName": self.name,
                "taskDefinition": definition,
                "desiredCount": 2,
                "launchType": "FARGATE",
                "deploymentConfiguration": self.breaker,
                **settings,
            }
        )

    def update(self, **settings: Any) -> None:
        self.ecs.update_service(cluster="c", service=self.name, **settings)

    def service(self) -> dict[str, Any]:
        return dict(self.ecs.describe_services(cluster="c", services=[self.name])["services"][0])

    def states(self) -> list[tuple[str, str]]:
        return [(d["status"], d["rolloutState"]) for d in self.service()["deployments"]]

    def wait_for(self, *states: tuple[str, str]) -> None:
        deadline = time.monotonic() + _TROUBLE
        while self.states() != list(states):
            self.assertLess(time.monotonic(), deadline, self.states())
            time.sleep(0.05)

    def tasks(self, status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="c", serviceName=self.name, desiredStatus=status)["taskArns"]
        return list(self.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]) if arns else []

    def deployment(self) -> dict[str, Any]:
        """The newest service deployment."""
        listed = self.ecs.list_service_deployments(cluster="c", service=self.name)["serviceDeployments"][0]
        found = self.ecs.describe_service_deployments(serviceDeploymentArns=[listed["serviceDeploymentArn"]])
        self.assertEqual(found["serviceDeployments"][0]["status"], listed["status"])
        return dict(found["serviceDeployments"][0])

    def alarm(self, state: str) -> dict[str, Any]:
        """The deployment configuration with an alarm in the state."""
        cloudwatch = self.server.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace="n",
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        self.set_alarm(state)
        return {**self.breaker, "alarms": {"alarmNames": [self.name], "enable": True, "rollback": True}}

    def set_alarm(self, state: str) -> None:
        self.server.client("cloudwatch").set_alarm_state(AlarmName=self.name, StateValue=state, StateReason="test")

    def test_an_alarm_stops_a_rollout_and_rolls_it_back(self) -> None:
        self.push("a1")
        self.push("a2")
        first, second = (self.register(f"{_REPOSITORY}:{tag}") for tag in ("a1", "a2"))
        self.create(first, deploymentConfiguration=self.alarm("OK"))
        self.assertEqual(self.states(), [("PRIMARY", "COMPLETED")])
        self.program(startSeconds=60)
        self.update(taskDefinition=second)
        self.assertEqual(self.states()[0], ("PRIMARY", "IN_PROGRESS"))
        self.program(startSeconds=0)
        self.set_alarm("ALARM")
        self.wait_for(("PRIMARY", "COMPLETED"))
        self.assertEqual(self.service()["taskDefinition"], first)
        deployment = self.deployment()
        self.assertEqual(deployment["status"], "ROLLBACK_SUCCESSFUL")
        self.assertEqual(
            deployment["alarms"],
            {"status": "TRIGGERED", "alarmNames": [self.name], "triggeredAlarmNames": [self.name]},
        )
        messages = [event["message"] for event in self.service()["events"]]
        self.assertTrue(any(message.endswith("deployment failed: alarm detected.") for message in messages), messages)

    def test_an_alarm_that_was_on_before_lets_a_rollout_through(self) -> None:
        self.push("a3")
        self.push("a4")
        first, second = (self.register(f"{_REPOSITORY}:{tag}") for tag in ("a3", "a4"))
        self.create(first, deploymentConfiguration=self.alarm("ALARM"))
        self.update(taskDefinition=second)
        self.wait_for(("PRIMARY", "COMPLETED"))
        self.assertEqual(self.service()["taskDefinition"], second)

    def test_a_service_has_as_many_tasks_as_it_should(self) -> None:
        self.push("r1")
        definition = self.register(f"{_REPOSITORY}:r1")
        self.create(definition)
        self.assertEqual(self.states(), [("PRIMARY", "COMPLETED")])
        self.assertEqual([task["taskDefinitionArn"] for task in self.tasks()], [definition] * 2)
        self.update(desiredCount=3)
        self.assertEqual((len(self.tasks()), self.service()["runningCount"]), (3, 3))
        self.update(desiredCount=1)
        self.assertEqual((len(self.tasks()), len(self.tasks("STOPPED"))), (1, 2))
        self.ecs.stop_task(cluster="c", task=self.tasks()[0]["taskArn"])
        self.assertEqual(len(self.tasks()), 1)
        messages = [event["message"] for event in self.service()["events"]]
        self.assertIn(f"(service {self.name}) has reached a steady state.", messages)
        self.ecs.delete_service(cluster="c", service=self.name, force=True)
        self.assertEqual(self.tasks(), [])

    def test_an_image_that_is_not_there_is_rolled_back(self) -> None:
        self.push("good")
        good, bad = self.register(f"{_REPOSITORY}:good"), self.register(f"{_REPOSITORY}:missing")
        self.create(good)
        self.update(taskDefinition=bad)
        self.assertEqual(self.states(), [("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "FAILED"), ("ACTIVE", "COMPLETED")])
        failed = self.service()["deployments"][1]
        self.assertEqual(failed["rolloutStateReason"], "ECS deployment circuit breaker: tasks failed to start.")
        self.assertEqual((failed["failedTasks"], failed["taskDefinition"]), (3, bad))
        self.assertEqual(self.deployment()["status"], "ROLLBACK_IN_PROGRESS")
        self.wait_for(("PRIMARY", "COMPLETED"))
        self.assertEqual(self.service()["taskDefinition"], good)
        self.assertEqual({task["taskDefinitionArn"] for task in self.tasks()}, {good})
        stopped = [task for task in self.tasks("STOPPED") if task["taskDefinitionArn"] == bad]
        self.assertIn("CannotPullContainerError", stopped[0]["stoppedReason"])
        events = [event["message"] for event in self.service()["events"]]
        self.assertTrue(any("deployment failed: tasks failed to start." in message for message in events), events)
        self.assertTrue(any("rolling back to deployment ecs-svc/" in message for message in events), events)
        deployment = self.deployment()
        self.assertEqual(deployment["status"], "ROLLBACK_SUCCESSFUL")
        triggered = {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
        self.assertEqual(deployment["deploymentCircuitBreaker"], triggered)
        revision = self.ecs.describe_service_revisions(
            serviceRevisionArns=[deployment["rollback"]["serviceRevisionArn"]]
        )["serviceRevisions"][0]
        self.assertEqual(revision["taskDefinition"], good)

    def test_a_first_rollout_that_fails_stays(self) -> None:
        missing = self.register(f"{_REPOSITORY}:first")
        self.create(missing)
        self.assertEqual(self.states(), [("PRIMARY", "FAILED")])
        self.assertEqual((self.service()["taskDefinition"], self.service()["runningCount"]), (missing, 0))
        self.push("first")
        self.assertEqual(self.states(), [("PRIMARY", "FAILED")])
        self.update(forceNewDeployment=True)
        self.assertEqual(self.states(), [("PRIMARY", "COMPLETED")])

    def test_a_family_is_its_newest_revision_that_is_registered(self) -> None:
        self.push("newest")
        kept, gone = self.register(f"{_REPOSITORY}:newest"), self.register(f"{_REPOSITORY}:newest", essential=True)
        self.ecs.deregister_task_definition(taskDefinition=gone)
        described = self.ecs.describe_task_definition(taskDefinition="api")["taskDefinition"]
        self.assertEqual(described["taskDefinitionArn"], kept)
        self.assertGreater(int(self.register(f"{_REPOSITORY}:newest").rsplit(":")[-1]), int(gone.rsplit(":")[-1]))
        with self.assertRaisesRegex(self.ecs.exceptions.ClientException, "Unable to describe task definition"):
            self.ecs.describe_task_definition(taskDefinition="none")

    def test_a_deregistered_revision_is_not_rolled_back_to(self) -> None:
        self.push("kept")
        good, bad = self.register(f"{_REPOSITORY}:kept"), self.register(f"{_REPOSITORY}:lost")
        self.create(good)
        self.ecs.deregister_task_definition(taskDefinition=good)
        self.update(taskDefinition=bad)
        self.assertEqual(self.states(), [("PRIMARY", "FAILED"), ("ACTIVE", "COMPLETED")])
        self.assertEqual(self.deployment()["status"], "ROLLBACK_FAILED")
        with self.assertRaisesRegex(self.ecs.exceptions.ClientException, "TaskDefinition is inactive"):
            self.update(taskDefinition=good)

    def test_without_the_circuit_breaker_a_rollout_goes_on_until_its_tasks_start(self) -> None:
        self.create(self.register(f"{_REPOSITORY}:late"), deploymentConfiguration={})
        self.assertEqual(self.states(), [("PRIMARY", "IN_PROGRESS")])
        self.push("late")
        self.assertEqual(self.states(), [("PRIMARY", "COMPLETED")])

    def test_a_program_that_ends_fails_the_rollout_and_one_that_stays_does_not(self) -> None:
        self.push("p1")
        definition = self.register(f"{_REPOSITORY}:p1")
        self.program(command=[sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"])
        self.create(definition)
        self.assertEqual(self.states(), [("PRIMARY", "IN_PROGRESS")])
        self.wait_for(("PRIMARY", "COMPLETED"))
        self.program(command=[sys.executable, "-c", "raise SystemExit(7)"])
        self.update(forceNewDeployment=True)
        self.wait_for(("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "FAILED"), ("ACTIVE", "COMPLETED"))
        exited = [task for task in self.tasks("STOPPED") if task["stopCode"] == "EssentialContainerExited"]
        self.assertEqual({task["containers"][0]["exitCode"] for task in exited}, {7})
        self.wait_for(("PRIMARY", "FAILED"), ("ACTIVE", "FAILED"), ("ACTIVE", "COMPLETED"))

    def test_a_program_takes_its_time_to_start(self) -> None:
        self.push("s1")
        self.program(startSeconds=0.5)
        self.create(self.register(f"{_REPOSITORY}:s1"))
        deployment = self.service()["deployments"][0]
        self.assertEqual((deployment["rolloutState"], deployment["pendingCount"]), ("IN_PROGRESS", 2))
        self.wait_for(("PRIMARY", "COMPLETED"))
