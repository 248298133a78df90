"""Start, control routes, and the end of the process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from threading import Timer
from typing import Any

from .support import ACCOUNT_ID, ROOT, STOP_SECONDS, EmulatorTestCase, Server

#: For longer than a server may take to end: who waits for the call to be carried out fails.
_HELD = {"service": "sts", "operation": "GetCallerIdentity", "delaySeconds": 10 * STOP_SECONDS}


class ProcessTest(unittest.TestCase):
    def test_announces_port_and_pid_and_ends_with_zero_on_sigterm(self) -> None:
        server = Server()
        self.assertEqual(server.announcement["ready"], True)
        self.assertEqual(server.announcement["pid"], server.process.pid)
        self.assertEqual(server.control("GET", "health")["pid"], server.process.pid)
        self.assertEqual(server.stop(), 0)

    def test_ends_with_zero_on_sigint(self) -> None:
        server = Server()
        os.kill(server.process.pid, signal.SIGINT)
        self.assertEqual(server.stop(), 0)

    def test_ends_at_once_while_a_request_is_held(self) -> None:
        server = Server()
        server.control("POST", "faults", _HELD)
        held = subprocess.Popen(
            [sys.executable, "-c", _CALL_STS, server.endpoint],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while server.control("GET", "faults")[0]["hits"] == 0:
            self.assertIsNone(held.poll())
        self.assertEqual(server.stop(), 0)
        held.wait(timeout=STOP_SECONDS)

    def test_one_that_is_slow_to_end_ends_well(self) -> None:
        server = Server()
        os.kill(server.process.pid, signal.SIGSTOP)
        Timer(6, os.kill, (server.process.pid, signal.SIGCONT)).start()
        self.assertEqual(server.stop(), 0)

    def test_one_that_does_not_end_is_killed_and_fails_the_test(self) -> None:
        server = Server(stop_seconds=0.5)
        os.kill(server.process.pid, signal.SIGSTOP)
        with self.assertRaisesRegex(AssertionError, r"the emulator went on for 0\.5 s after SIGTERM"):
            server.stop()
        self.assertEqual(server.process.returncode, -signal.SIGKILL)

    def test_port_in_use_is_one_line_and_exit_code_one(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = _run("--port", str(port), "--account-id", ACCOUNT_ID)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr, f"emulator: cannot listen on 127.0.0.1:{port}: Address already in use\n")

    def test_a_wrong_account_id_is_refused(self) -> None:
        result = _run("--port", "0", "--account-id", "1234")
        self.assertEqual(result.returncode, 2)
        self.assertIn("'1234' is not an AWS account id: 12 digits", result.stderr)


_CALL_STS = """
import sys
from emulator.tests.support import Server
server = Server.__new__(Server)
server.endpoint = sys.argv[1]
server.client("sts").get_caller_identity()
"""


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS,
        check=False,
    )


class ControlTest(EmulatorTestCase):
    def test_health_names_the_account(self) -> None:
        health = self.server.control("GET", "health")
        self.assertEqual((health["ok"], health["accountId"]), (True, ACCOUNT_ID))

    def test_the_account_of_every_caller_is_the_given_one(self) -> None:
        self.assertEqual(self.server.client("sts").get_caller_identity()["Account"], ACCOUNT_ID)

    def test_summary_counts_and_resets(self) -> None:
        self.server.control("POST", "summary/reset")
        for _ in range(3):
            self.server.client("sts").get_caller_identity()
        self.server.client("kms").list_keys()
        summary = self.server.control("GET", "summary")
        self.assertEqual((summary["requests"], summary["operations"]), (4, 2))
        self.server.control("POST", "summary/reset")
        self.assertEqual(
            self.server.control("GET", "summary"),
            {"requests": 0, "operations": 0, "refused": [], "unknownEnums": [], "unimplemented": [], "undelivered": []},
        )

    def test_an_unknown_control_route_is_404(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.server.control("GET", "nothing")
        self.assertEqual(caught.exception.code, 404)
        caught.exception.close()

    def test_an_operation_that_nothing_implements_answers_400_and_is_listed(self) -> None:
        client = self.server.client("budgets")
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.describe_budget_performance_history(AccountId=ACCOUNT_ID, BudgetName="b")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(caught.exception.response["Error"]["Code"], "NotImplemented")
        self.assertIn(
            "budgets.DescribeBudgetPerformanceHistory", self.server.control("GET", "summary")["unimplemented"]
        )

    def test_a_service_that_nothing_implements_answers_400_and_is_listed(self) -> None:
        client = self.server.client("auditmanager")
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.list_assessments()
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(caught.exception.response["Error"]["Code"], "NotImplemented")
        self.assertIn("auditmanager.ListAssessments", self.server.control("GET", "summary")["unimplemented"])

    def test_a_service_that_no_model_describes_answers_400_and_is_listed(self) -> None:
        scope = "Credential=AKIAAAAAAAAAAAAAAAAA/20261125/eu-west-1/no-such-service/aws4_request"
        request = urllib.request.Request(
            f"{self.server.endpoint}/things", headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, Signature=0"}
        )
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=60)
        self.assertEqual(caught.exception.code, 400)
        caught.exception.close()
        self.assertIn("GET /things", self.server.control("GET", "summary")["unimplemented"])

    def test_cloudtrail_as_the_go_sdk_names_its_operations_is_checked_against_the_model(self) -> None:
        client = self.server.client("cloudtrail")
        client.meta.events.register("before-send.cloudtrail.*", _target_of_the_go_sdk)
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.create_trail(Name="t")
        self.assertEqual(caught.exception.response["Error"]["Code"], "ValidationException")
        self.assertEqual(
            caught.exception.response["Error"]["Message"],
            "cloudtrail.CreateTrail: 1 validation error detected: Value 'null' at 'S3BucketName' failed to satisfy "
            "constraint: Member must not be null",
        )


def _target_of_the_go_sdk(request: Any, **_: Any) -> None:
    request.headers["X-Amz-Target"] = request.headers["X-Amz-Target"].decode().split("v20131101.")[-1]


class FaultTest(EmulatorTestCase):
    def tearDown(self) -> None:
        self.server.control("DELETE", "faults")

    def test_an_error_fault_hits_as_often_as_it_says(self) -> None:
        self.server.control(
            "POST",
            "faults",
            {"service": "kms", "operation": "ListKeys", "count": 1, "status": 503, "code": "Busy", "message": "later"},
        )
        client = self.server.client("kms")
        with self.assertRaises(client.exceptions.ClientError) as caught:
            client.list_keys()
        self.assertEqual(caught.exception.response["Error"], {"Code": "Busy", "Message": "later"})
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 503)
        client.list_keys()
        self.assertEqual(self.server.control("GET", "faults")[0]["hits"], 1)

    def test_a_fault_without_code_or_delay_is_refused(self) -> None:
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.server.control("POST", "faults", {"service": "kms", "operation": "ListKeys"})
        self.assertEqual(caught.exception.code, 400)
        self.assertIn(b"either code (an error) or delaySeconds (a delay) must be given", caught.exception.read())
        caught.exception.close()

    def test_another_attempt_of_a_call_gets_the_answer_of_the_first(self) -> None:
        client = self.server.client("ec2")
        client.meta.events.register("before-send.ec2.*", _same_invocation)
        vpc = self.server.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        first = client.create_security_group(GroupName="again", Description="d", VpcId=vpc)["GroupId"]
        again = client.create_security_group(GroupName="again", Description="d", VpcId=vpc)["GroupId"]
        self.assertEqual(again, first)
        with self.assertRaisesRegex(Exception, "InvalidGroup.Duplicate"):
            self.server.client("ec2").create_security_group(GroupName="again", Description="d", VpcId=vpc)

    def test_clearing_lets_go_of_a_held_call(self) -> None:
        self.server.control("POST", "faults", _HELD)
        held = subprocess.Popen([sys.executable, "-c", _CALL_STS, self.server.endpoint], cwd=ROOT)
        while self.server.control("GET", "faults")[0]["hits"] == 0:
            self.assertIsNone(held.poll())
        self.assertEqual(self.server.control("GET", "in-flight"), {"requests": 0})
        self.server.control("DELETE", "faults")
        self.assertEqual(held.wait(timeout=STOP_SECONDS), 0)
        self.assertEqual(self.server.control("GET", "in-flight"), {"requests": 0})


def _same_invocation(request: Any, **_: Any) -> None:
    request.headers["amz-sdk-invocation-id"] = "one-call"


if __name__ == "__main__":
    unittest.main()
