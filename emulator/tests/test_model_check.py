"""Requests against AWS's API model, one protocol after the other."""

from __future__ import annotations

from typing import Any

from .support import ACCOUNT_ID, EmulatorTestCase


class ModelCheckTest(EmulatorTestCase):
    def setUp(self) -> None:
        self.server.control("POST", "summary/reset")

    def refused(self, call: Any, **params: Any) -> dict[str, Any]:
        """The error of a call that must be refused, with status 400."""
        client = call.__self__
        with self.assertRaises(client.exceptions.ClientError) as caught:
            call(**params)
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        error: dict[str, Any] = caught.exception.response["Error"]
        return error

    def finding(self) -> dict[str, Any]:
        findings = self.server.control("GET", "summary")["refused"]
        self.assertEqual(len(findings), 1, findings)
        finding: dict[str, Any] = findings[0]
        return finding

    def test_json_pattern(self) -> None:
        error = self.refused(self.server.client("logs").create_log_group, logGroupName="with space")
        self.assertEqual(error["Code"], "ValidationException")
        self.assertIn(
            "logs.CreateLogGroup: 1 validation error detected: Value 'with space' at 'logGroupName'", error["Message"]
        )
        self.assertEqual(
            self.finding(),
            {
                "service": "logs",
                "operation": "CreateLogGroup",
                "parameter": "logGroupName",
                "rule": r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+",
                "value": "with space",
            },
        )

    def test_query_required_member(self) -> None:
        error = self.refused(self.server.client("iam").create_role, RoleName="r")
        self.assertEqual(error["Code"], "ValidationError")
        self.assertEqual(self.finding()["parameter"], "AssumeRolePolicyDocument")
        self.assertEqual(self.finding()["rule"], "Member must not be null")

    def test_length(self) -> None:
        self.refused(self.server.client("iam").get_role, RoleName="r" * 65)
        self.assertEqual(self.finding()["rule"], "Member must have length less than or equal to 64")

    def test_range(self) -> None:
        self.refused(self.server.client("kms").schedule_key_deletion, KeyId="k", PendingWindowInDays=400)
        self.assertEqual(self.finding()["parameter"], "PendingWindowInDays")
        self.assertEqual(self.finding()["rule"], "Member must have value less than or equal to 365")

    def test_rest_xml_required_member_in_the_body(self) -> None:
        self.refused(self.server.client("cloudfront").create_cache_policy, CachePolicyConfig={"Name": "n"})
        self.assertEqual(self.finding()["parameter"], "CachePolicyConfig.MinTTL")

    def test_a_nested_list_item_is_named(self) -> None:
        budget = {
            "BudgetName": "b",
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        }
        notification = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
        self.refused(
            self.server.client("budgets").create_budget,
            AccountId=ACCOUNT_ID,
            Budget=budget,
            NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": []}],
        )
        self.assertEqual(self.finding()["parameter"], "NotificationsWithSubscribers[0].Subscribers")

    def test_a_refused_request_changes_nothing(self) -> None:
        logs = self.server.client("logs")
        self.refused(logs.create_log_group, logGroupName="with space")
        self.assertEqual(logs.describe_log_groups()["logGroups"], [])

    def test_a_sensitive_value_is_not_repeated(self) -> None:
        secrets = self.server.client("secretsmanager")
        self.refused(secrets.create_secret, Name="s", SecretString="x" * 70000)
        self.assertEqual(self.finding()["value"], "(sensitive)")

    def test_an_unknown_enum_value_is_recorded_and_let_through(self) -> None:
        self.server.client("kms").create_key(Description="d", KeySpec="SYMMETRIC_DEFAULT", Origin="AWS_KMS")
        self.assertEqual(self.server.control("GET", "summary")["unknownEnums"], [])
        logs = self.server.client("logs")
        logs.create_log_group(logGroupName="g", logGroupClass="FUTURE")
        summary = self.server.control("GET", "summary")
        self.assertEqual(
            summary["unknownEnums"],
            [{"service": "logs", "operation": "CreateLogGroup", "parameter": "logGroupClass", "value": "FUTURE"}],
        )
        self.assertEqual(summary["refused"], [])
        logs.delete_log_group(logGroupName="g")

    def test_a_valid_request_passes(self) -> None:
        iam = self.server.client("iam")
        iam.create_role(RoleName="valid", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
        iam.delete_role(RoleName="valid")
        self.assertEqual(self.server.control("GET", "summary")["refused"], [])
