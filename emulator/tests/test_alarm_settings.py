"""What AWS refuses in alarms, saved queries, log filters, cost alerts and health checks; what exists afterwards."""

from __future__ import annotations

import json
import unittest
import uuid
from typing import Any

from .. import alarm_rules, metric_math
from .support import ACCOUNT_ID, REGION, EmulatorTestCase

_METRIC = {
    "MetricName": "m",
    "Namespace": "n",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


def _stat(id_: str, **changes: Any) -> dict[str, Any]:
    stat = {"Metric": {"MetricName": id_, "Namespace": "n"}, "Period": 60, "Stat": "Sum"}
    return {"Id": id_, "MetricStat": stat, "ReturnData": False, **changes}


def _math(expression: str, *others: dict[str, Any]) -> dict[str, Any]:
    return {
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [_stat("m1"), _stat("m2"), {"Id": "e1", "Expression": expression}, *others],
    }


class RefusalTestCase(EmulatorTestCase):
    def refusal(self, call: Any, **params: Any) -> tuple[str, str]:
        """The error's code and message."""
        with self.assertRaises(call.__self__.exceptions.ClientError) as caught:
            call(**params)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]


class AlarmTest(RefusalTestCase):
    def setUp(self) -> None:
        self.cloudwatch = self.server.client("cloudwatch")

    def alarm(self, name: str) -> dict[str, Any]:
        answer = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
        return dict(alarm)

    def test_a_metric_alarm_that_aws_refuses(self) -> None:
        topic = f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:t"
        for changes, expected in (
            ({"Period": 45}, "Period must be 10, 20, 30 or a multiple of 60, not 45"),
            ({"Period": 3600, "EvaluationPeriods": 169}, "more than seven days"),
            ({"Period": 300, "EvaluationPeriods": 289}, "(EvaluationPeriods * Period must be <= 86400)"),
            ({"DatapointsToAlarm": 2}, "must be less than or equal to EvaluationPeriods 1"),
            ({"TreatMissingData": "ignored"}, "Option ignored is not supported"),
            ({"ExtendedStatistic": "p99"}, "Exactly one of Statistic and ExtendedStatistic"),
            ({"Statistic": None, "ExtendedStatistic": "p101"}, "p101"),
            ({"AlarmActions": [topic]}, f"Invalid region us-east-1 specified. Only {REGION} is supported."),
            ({"AlarmActions": ["arn:aws:sqs:eu-west-1:111111111111:q"]}, "Invalid arn syntax"),
            ({"Metrics": [_stat("m1", ReturnData=True)]}, "cannot be combined with parameter MetricName"),
        ):
            with self.subTest(changes):
                params = {name: value for name, value in {**_METRIC, **changes}.items() if value is not None}
                code, message = self.refusal(self.cloudwatch.put_metric_alarm, AlarmName="a", **params)
                self.assertEqual(code, "ValidationError")
                self.assertIn(expected, message)
        self.assertEqual(self.inventory(), [])

    def test_metric_math_that_aws_refuses(self) -> None:
        for params, expected in (
            (_math("m1 / m3"), "undefined identifier 'm3'"),
            (_math("m1 +"), "it ends where a value is expected"),
            (_math("SEARCH('{n} m', 'Sum', 60)"), "SEARCH is not supported on Metric Alarms."),
            (_math("MAX(m1)"), "must return exactly one time series"),
            (_math("[m1, m2]"), "must return exactly one time series"),
            (_math("SIN(m1)"), "the emulator has no function SIN"),
            (_math("e1 + 1"), "it refers to itself"),
            (_math("m1 + m2", _stat("m4", ReturnData=True)), "should return data, not 2"),
            (_math("m1", _stat("M5")), "does not start with a lowercase letter: M5"),
            (_math("m1", _stat("m1")), "Ids that are not unique"),
        ):
            with self.subTest(expected):
                code, message = self.refusal(self.cloudwatch.put_metric_alarm, AlarmName="a", **params)
                self.assertEqual(code, "ValidationError")
                self.assertIn(expected, message)

    def test_a_changed_alarm_keeps_its_state(self) -> None:
        self.cloudwatch.put_metric_alarm(AlarmName="a", **_METRIC)
        self.assertEqual(self.alarm("a")["StateValue"], "INSUFFICIENT_DATA")
        self.cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="test")
        self.cloudwatch.put_metric_alarm(AlarmName="a", **{**_METRIC, "Threshold": 5.0})
        self.assertEqual((self.alarm("a")["StateValue"], self.alarm("a")["Threshold"]), ("ALARM", 5.0))
        self.cloudwatch.delete_alarms(AlarmNames=["a"])

    def test_a_composite_alarm_from_create_to_delete(self) -> None:
        for name in ("a", "deploying"):
            self.cloudwatch.put_metric_alarm(AlarmName=name, **_METRIC)
        arn = self.alarm("a")["AlarmArn"]
        put = self.cloudwatch.put_composite_alarm
        for rule, expected in (
            ("ALARM(nowhere)", "as alarms [nowhere] in the alarm rule do not exist"),
            ("ALARM(c)", "as alarms [c] in the alarm rule do not exist"),
            ("ALARM(a) AND", "the end stands where an alarm's state is expected"),
            ("BROKEN(a)", "'BROKEN' stands where an alarm's state is expected"),
        ):
            code, message = self.refusal(put, AlarmName="c", AlarmRule=rule)
            self.assertEqual(code, "ValidationError")
            self.assertIn(expected, message)
        code, message = self.refusal(put, AlarmName="c", AlarmRule="ALARM(a)", ActionsSuppressor="deploying")
        self.assertIn("go together, and only ActionsSuppressor is given", message)
        suppressor = {
            "ActionsSuppressor": "deploying",
            "ActionsSuppressorWaitPeriod": 60,
            "ActionsSuppressorExtensionPeriod": 120,
        }
        put(AlarmName="c", AlarmRule=f'ALARM("{arn}") OR NOT OK(a)', **suppressor)
        alarm = self.alarm("c")
        self.assertEqual({name: alarm[name] for name in suppressor}, suppressor)
        self.assertEqual(alarm["AlarmRule"], f'ALARM("{arn}") OR NOT OK(a)')
        self.assertEqual(self.cloudwatch.describe_alarms(AlarmNames=["c"])["CompositeAlarms"], [])
        self.assertIn(("aws_cloudwatch_composite_alarm", "c"), self.inventory())
        for name in ("a", "deploying"):
            _, message = self.refusal(self.cloudwatch.delete_alarms, AlarmNames=[name])
            self.assertEqual(message, f"Cannot delete {name} as there are composite alarm(s) depending on it.")
        put(AlarmName="c", AlarmRule="ALARM(a)")
        self.assertNotIn("ActionsSuppressor", self.alarm("c"))
        self.assertEqual(self.refusal(self.cloudwatch.put_metric_alarm, AlarmName="c", **_METRIC)[0], "ValidationError")
        self.cloudwatch.delete_alarms(AlarmNames=["c"])
        self.cloudwatch.delete_alarms(AlarmNames=["a", "deploying"])
        self.assertEqual(self.refusal(self.cloudwatch.delete_alarms, AlarmNames=["a"])[0], "ResourceNotFound")
        self.assertEqual(self.inventory(), [])

    def test_a_circle_can_be_made_and_is_undone_by_another_rule(self) -> None:
        self.cloudwatch.put_composite_alarm(AlarmName="x", AlarmRule="FALSE")
        self.cloudwatch.put_composite_alarm(AlarmName="y", AlarmRule="ALARM(x)")
        self.cloudwatch.put_composite_alarm(AlarmName="x", AlarmRule="ALARM(y)")
        for name in ("x", "y"):
            self.assertIn("depending on it", self.refusal(self.cloudwatch.delete_alarms, AlarmNames=[name])[1])
        self.cloudwatch.put_composite_alarm(AlarmName="x", AlarmRule="FALSE")
        _, message = self.refusal(self.cloudwatch.delete_alarms, AlarmNames=["y", "x"])
        self.assertEqual(message, "More than one composite alarm cannot be deleted at a time")
        self.cloudwatch.delete_alarms(AlarmNames=["y"])
        self.cloudwatch.delete_alarms(AlarmNames=["x"])


class DashboardTest(RefusalTestCase):
    def body(self, *widgets: Any) -> str:
        return json.dumps({"widgets": widgets})

    def metric(self, *metrics: Any, **properties: Any) -> dict[str, Any]:
        given = {"region": REGION, "metrics": metrics, **properties}
        return {"type": "metric", "properties": {k: v for k, v in given.items() if v is not None}}

    def test_what_cloudwatch_shows_is_taken(self) -> None:
        cloudwatch = self.server.client("cloudwatch")
        ratio = {"expression": "100 * m1 / m2", "id": "e1", "label": "%"}
        alarm = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:a"
        body = self.body(
            {"type": "text", "x": 0, "y": 0, "width": 24, "height": 1, "properties": {"markdown": "# API"}},
            self.metric(
                ["AWS/ECS", "CPUUtilization", "ClusterName", "c", "ServiceName", "api", {"id": "m1"}],
                [".", "MemoryUtilization", ".", ".", ".", ".", {"id": "m2", "stat": "p99"}],
                ["...", "worker"],
                [ratio],
                period=300,
            ),
            self.metric([{"expression": "SEARCH('{AWS/ECS,ClusterName} x', 'Sum')"}]),
            {"type": "log", "properties": {"query": "SOURCE '/g' | stats count()", "region": REGION}},
            {"type": "alarm", "properties": {"alarms": [alarm]}},
            self.metric(metrics=None, annotations={"alarms": [alarm]}),
        )
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody=body)
        self.assertEqual(self.inventory(), [("aws_cloudwatch_dashboard", "d")])
        cloudwatch.delete_dashboards(DashboardNames=["d"])

    def test_a_widget_that_cloudwatch_would_not_show_is_refused(self) -> None:
        put = self.server.client("cloudwatch").put_dashboard
        full = ["AWS/ECS", "CPUUtilization"]
        for widget, path, expected in (
            ({"type": "metrics"}, "/widgets/0/type", "Should be one of"),
            ({**self.metric(full), "width": 25}, "/widgets/0/width", "at most 24"),
            ({**self.metric(full), "x": 3}, "/widgets/0", "both x and y"),
            (self.metric(), "/widgets/0/properties/metrics", "at least one metric"),
            (self.metric(full, region=None), "/widgets/0/properties/region", "not empty"),
            (self.metric([*full, "ClusterName"]), "/widgets/0/properties/metrics/0", "pairs of a dimension's name"),
            (self.metric(["...", "x"]), "/widgets/0/properties/metrics/0", "no metric before it"),
            (self.metric(full, period=90), "/widgets/0/properties/period", "a multiple of 60"),
            (self.metric([{"expression": "m1 / 2"}]), "/widgets/0/properties/metrics/0", "m1 is none"),
            (self.metric([{"expression": "(1"}]), "/widgets/0/properties/metrics/0", "that can be read"),
            (self.metric(full, view="graph"), "/widgets/0/properties/view", "Should be one of"),
            ({"type": "alarm", "properties": {"alarms": ["a"]}}, "/widgets/0/properties/alarms/0", "ARN of an alarm"),
            ({"type": "log", "properties": {"region": REGION}}, "/widgets/0/properties/query", "not empty"),
        ):
            with self.subTest(path=path, expected=expected):
                code, message = self.refusal(put, DashboardName="d", DashboardBody=self.body(widget))
                self.assertEqual(code, "InvalidParameterInput")
                (found,) = json.loads(message.partition("error: ")[2])
                self.assertEqual(found["dataPath"], path)
                self.assertIn(expected, found["message"])


class RuleTest(unittest.TestCase):
    def test_operators_bind_as_documented(self) -> None:
        states = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA"}.__getitem__
        for rule, expected in (
            ("ALARM(a)", True),
            ('OK("b") AND INSUFFICIENT_DATA(c)', True),
            ("NOT ALARM(a) OR OK(b)", True),
            ("NOT (ALARM(a) OR OK(b))", False),
            ("ALARM(a) OR OK(c) AND OK(c)", True),
            ("(ALARM(a) OR OK(c)) AND OK(c)", False),
            ("TRUE AND NOT FALSE", True),
        ):
            with self.subTest(rule):
                self.assertEqual(alarm_rules.parse(rule).holds(states), expected)

    def test_a_name_may_have_blanks_where_it_is_quoted(self) -> None:
        self.assertEqual(alarm_rules.parse('ALARM("API (5xx)") AND ALARM(b)').alarms, ("API (5xx)", "b"))
        with self.assertRaises(alarm_rules.InvalidRule):
            alarm_rules.parse("ALARM(API 5xx)")

    def test_a_hundred_alarms_are_the_most(self) -> None:
        alarm_rules.parse(" OR ".join(f"ALARM(a{n})" for n in range(100)))
        with self.assertRaisesRegex(alarm_rules.InvalidRule, "101 alarms, at most 100"):
            alarm_rules.parse(" OR ".join(f"ALARM(a{n})" for n in range(101)))


class MetricMathTest(unittest.TestCase):
    def value(self, expression: str, **values: metric_math.Value) -> metric_math.Value:
        data = metric_math.Data(values, tuple(values), (0, 60, 120), 60, quota=lambda _: 50.0)
        return metric_math.parse(expression).evaluate(data)

    def test_expressions(self) -> None:
        m1, m2 = {0: 4.0, 60: 8.0, 120: 6.0}, {0: 2.0, 120: 0.0}
        for expression, expected in (
            ("m1 + m2", {0: 6.0, 120: 6.0}),
            ("m1 / m2", {0: 2.0}),
            ("100 * m2 / m1", {0: 50.0, 120: 0.0}),
            ("m1 - 2 * 3 + 1", {0: -1.0, 60: 3.0, 120: 1.0}),
            ("-m1 ^ 2", {0: 16.0, 60: 64.0, 120: 36.0}),
            ("m1 > 5", {0: 0.0, 60: 1.0, 120: 1.0}),
            ("m1 > 5 AND m1 < 7 OR m1 == 4", {0: 1.0, 60: 0.0, 120: 1.0}),
            ("FILL(m2, 0)", {0: 2.0, 60: 0.0, 120: 0.0}),
            ("FILL(m2, REPEAT)", {0: 2.0, 60: 2.0, 120: 0.0}),
            ("FILL(m2, LINEAR)", {0: 2.0, 60: 1.0, 120: 0.0}),
            ("IF(m1 > 5, m1, 0)", {0: 0.0, 60: 8.0, 120: 6.0}),
            ("IF(FILL(m2, 0) > 0, m1 / m2, 0)", {0: 2.0, 60: 0.0, 120: 0.0}),
            ("IF(m1 > 5, m1)", {60: 8.0, 120: 6.0}),
            ("MAX([m1, m2])", m1),
            ("MIN(METRICS())", {0: 2.0, 60: 8.0, 120: 0.0}),
            ("SUM([m1, m2]) / PERIOD(m1)", {0: 0.1, 60: 8 / 60, 120: 0.1}),
            ("m1 / MAX(m1)", {0: 0.5, 60: 1.0, 120: 0.75}),
            ("DIFF(m1)", {60: 4.0, 120: -2.0}),
            ("RATE(m1)", {60: 4 / 60, 120: -2 / 60}),
            ("m1 / SERVICE_QUOTA(m1) * 100", {0: 8.0, 60: 16.0, 120: 12.0}),
        ):
            with self.subTest(expression):
                self.assertEqual(self.value(expression, m1=m1, m2=m2), expected)

    def test_what_is_no_expression(self) -> None:
        for expression in ("", "m1 m2", "(m1", "M1", "FILL(m1)", "IF(m1)", "m1 ! 2", "SELECT AVG(x) FROM y"):
            with self.subTest(expression), self.assertRaises(metric_math.InvalidExpression):
                metric_math.parse(expression)


class LogsTest(RefusalTestCase):
    transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}

    def setUp(self) -> None:
        self.logs = self.server.client("logs")
        self.logs.create_log_group(logGroupName="/g")

    def tearDown(self) -> None:
        self.logs.delete_log_group(logGroupName="/g")
        self.assertEqual(self.inventory(), [])

    def put_filter(self, pattern: str = "ERROR", group: str = "/g", **changes: Any) -> dict[str, Any]:
        transformation = {**self.transformation, **changes}
        return {
            "logGroupName": group,
            "filterName": "f",
            "filterPattern": pattern,
            "metricTransformations": [transformation],
        }

    def test_a_metric_filter_is_replaced_and_goes_with_its_group(self) -> None:
        self.logs.put_metric_filter(**self.put_filter(defaultValue=0))
        self.logs.put_metric_filter(**self.put_filter("WARN"))
        (found,) = self.logs.describe_metric_filters(logGroupName="/g")["metricFilters"]
        self.assertEqual(found["filterPattern"], "WARN")
        self.assertEqual(found["metricTransformations"], [self.transformation])

    def test_a_metric_filter_that_aws_refuses(self) -> None:
        self.logs.create_log_group(logGroupName="/rare", logGroupClass="INFREQUENT_ACCESS")
        code = "InvalidParameterException"
        for params, expected in (
            (self.put_filter("{ $.level = }"), (code, "stands where a value is expected")),
            (self.put_filter("[ip, user"), (code, "ends in ]")),
            (self.put_filter("level=error"), (code, "must be quoted")),
            (self.put_filter("?a b"), (code, "?terms beside others")),
            (self.put_filter(metricValue="$.x"), (code, "needs a JSON or space-delimited filter pattern")),
            (self.put_filter(metricValue="many"), (code, "must be a number or a field")),
            (
                self.put_filter("{ $.a = 1 }", dimensions={"d": "$.d"}, defaultValue=0),
                (code, "mutually exclusive properties"),
            ),
            (self.put_filter("{ $.a = 1 }", dimensions={f"d{n}": "$.d" for n in range(4)}), (code, "At most 3")),
            (self.put_filter(group="/rare"), (code, "class INFREQUENT_ACCESS")),
            (self.put_filter(group="/none"), ("ResourceNotFoundException", "does not exist")),
        ):
            with self.subTest(params):
                found = self.refusal(self.logs.put_metric_filter, **params)
                self.assertEqual(found[0], expected[0])
                self.assertIn(expected[1], found[1])
        self.logs.delete_log_group(logGroupName="/rare")

    def test_a_query_definition_from_create_to_delete(self) -> None:
        id_ = self.logs.put_query_definition(name="skymanuals/errors", queryString="fields @message")
        id_ = id_["queryDefinitionId"]
        self.logs.put_query_definition(
            queryDefinitionId=id_, name="skymanuals/slow", queryString="stats count()", logGroupNames=["/g"]
        )
        (found,) = self.logs.describe_query_definitions(queryDefinitionNamePrefix="skymanuals/")["queryDefinitions"]
        self.assertEqual((found["name"], found["logGroupNames"]), ("skymanuals/slow", ["/g"]))
        self.assertEqual(
            self.logs.describe_query_definitions(queryDefinitionNamePrefix="other")["queryDefinitions"], []
        )
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:query-definition:{id_}"
        self.assertIn(("aws_cloudwatch_query_definition", arn), self.inventory())
        code, message = self.refusal(
            self.logs.put_query_definition, name="n", queryString="q", logGroupNames=[f"/g{n}" for n in range(51)]
        )
        self.assertEqual((code, message[:23]), ("InvalidParameterException", "51 log groups are given"))
        self.logs.delete_query_definition(queryDefinitionId=id_)
        for call in (self.logs.delete_query_definition,):
            self.assertEqual(self.refusal(call, queryDefinitionId=id_)[0], "ResourceNotFoundException")

    def test_a_data_protection_policy_from_create_to_delete(self) -> None:
        identifiers = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
        audit = {"DataIdentifier": identifiers, "Operation": {"Audit": {"FindingsDestination": {}}}}
        mask = {"DataIdentifier": identifiers, "Operation": {"Deidentify": {"MaskConfig": {}}}}
        document = {"Name": "p", "Version": "2021-06-01", "Statement": [audit, mask]}
        for changes, expected in (
            ({"Version": "2012-10-17"}, "Version must be 2021-06-01"),
            ({"Statement": [audit]}, "must have two statements"),
            ({"Statement": [mask, audit]}, "the first statement must have Operation Audit"),
            ({"Statement": [audit, {**mask, "DataIdentifier": []}]}, "must have the same DataIdentifier"),
        ):
            text = json.dumps({**document, **changes})
            code, message = self.refusal(
                self.logs.put_data_protection_policy, logGroupIdentifier="/g", policyDocument=text
            )
            self.assertEqual(code, "InvalidParameterException")
            self.assertIn(expected, message)
        text = json.dumps(document)
        self.logs.put_data_protection_policy(logGroupIdentifier="/g", policyDocument=text)
        self.assertIn(("aws_cloudwatch_log_data_protection_policy", "/g"), self.inventory())
        found = self.logs.get_data_protection_policy(logGroupIdentifier="/g")
        self.assertEqual(found["policyDocument"], text)
        self.logs.delete_data_protection_policy(logGroupIdentifier="/g")
        self.assertNotIn("policyDocument", self.logs.get_data_protection_policy(logGroupIdentifier="/g"))


class CostTest(RefusalTestCase):
    def test_anomalies_from_create_to_delete(self) -> None:
        ce = self.server.client("ce", "us-east-1")
        monitor = {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
        arn = ce.create_anomaly_monitor(AnomalyMonitor=monitor, ResourceTags=[{"Key": "k", "Value": "v"}])["MonitorArn"]
        self.assertEqual(ce.list_tags_for_resource(ResourceArn=arn)["ResourceTags"], [{"Key": "k", "Value": "v"}])
        code, _ = self.refusal(ce.create_anomaly_monitor, AnomalyMonitor=monitor)
        self.assertEqual(code, "LimitExceededException")
        ce.update_anomaly_monitor(MonitorArn=arn, MonitorName="renamed")
        (found,) = ce.get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"]
        self.assertEqual(found["MonitorName"], "renamed")
        impact = {
            "Dimensions": {
                "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "Values": ["100"],
                "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            }
        }
        topic = {"Type": "SNS", "Address": f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:t"}
        mail = {"Type": "EMAIL", "Address": "a@example.com"}
        subscription = {
            "SubscriptionName": "s",
            "MonitorArnList": [arn],
            "Frequency": "DAILY",
            "Subscribers": [mail],
            "ThresholdExpression": impact,
        }
        unknown = arn[:-1] + ("0" if arn[-1] != "0" else "1")
        for changes, code, expected in (
            ({"Frequency": "IMMEDIATE"}, "ValidationException", "IMMEDIATE frequency only supports SNS subscribers"),
            ({"Subscribers": [topic]}, "ValidationException", "DAILY frequency only supports EMAIL subscribers"),
            ({"Subscribers": [mail] * 11}, "ValidationException", "At most 10 EMAIL"),
            ({"MonitorArnList": [unknown]}, "UnknownMonitorException", "Monitor not found"),
            ({"Threshold": 1.0}, "ValidationException", "Exactly one of Threshold"),
            ({"ThresholdExpression": {"Dimensions": {"Key": "SERVICE"}}}, "ValidationException", "ANOMALY_TOTAL"),
        ):
            found = self.refusal(ce.create_anomaly_subscription, AnomalySubscription={**subscription, **changes})
            self.assertEqual(found[0], code)
            self.assertIn(expected, found[1])
        own = ce.create_anomaly_subscription(AnomalySubscription=subscription)["SubscriptionArn"]
        ce.update_anomaly_subscription(SubscriptionArn=own, Frequency="IMMEDIATE", Subscribers=[topic])
        (found,) = ce.get_anomaly_subscriptions(SubscriptionArnList=[own])["AnomalySubscriptions"]
        self.assertEqual((found["Frequency"], found["Subscribers"]), ("IMMEDIATE", [topic]))
        self.assertEqual(found["ThresholdExpression"], impact)
        self.assertEqual(self.inventory(), [("aws_ce_anomaly_monitor", arn), ("aws_ce_anomaly_subscription", own)])
        ce.delete_anomaly_subscription(SubscriptionArn=own)
        ce.delete_anomaly_monitor(MonitorArn=arn)
        code, _ = self.refusal(ce.get_anomaly_monitors, MonitorArnList=[arn])
        self.assertEqual(code, "UnknownMonitorException")
        self.assertEqual(self.inventory(), [])

    def test_cost_allocation_tags(self) -> None:
        ce = self.server.client("ce", "us-east-1")
        ce.update_cost_allocation_tags_status(CostAllocationTagsStatus=[{"TagKey": "Project", "Status": "Active"}])
        (tag,) = ce.list_cost_allocation_tags(Status="Active", TagKeys=["Project"])["CostAllocationTags"]
        self.assertEqual(tag["Type"], "UserDefined")
        self.assertEqual(self.inventory(), [("aws_ce_cost_allocation_tag", "Project")])
        ce.update_cost_allocation_tags_status(CostAllocationTagsStatus=[{"TagKey": "Project", "Status": "Inactive"}])
        self.assertEqual(self.inventory(), [])


class HealthCheckTest(RefusalTestCase):
    def setUp(self) -> None:
        self.route53 = self.server.client("route53")

    def create(self, **config: Any) -> Any:
        return self.route53.create_health_check(CallerReference=str(uuid.uuid4()), HealthCheckConfig=config)

    def test_what_a_change_does_not_give_stays(self) -> None:
        sent = {
            "Type": "HTTPS",
            "FullyQualifiedDomainName": "api.example.com",
            "ResourcePath": "/health",
            "RequestInterval": 10,
            "MeasureLatency": True,
            "Regions": ["eu-west-1", "us-east-1", "us-west-1"],
        }
        created = self.create(**sent)["HealthCheck"]
        defaults = {"Port": 443, "EnableSNI": True, "FailureThreshold": 3, "Inverted": False, "Disabled": False}
        self.assertEqual(created["HealthCheckConfig"], {**defaults, **sent})
        id_ = created["Id"]
        self.route53.update_health_check(HealthCheckId=id_, HealthCheckVersion=1, ResourcePath="/ready")
        found = self.route53.get_health_check(HealthCheckId=id_)["HealthCheck"]
        self.assertEqual(found["HealthCheckConfig"], {**defaults, **sent, "ResourcePath": "/ready"})
        self.assertEqual(found["HealthCheckVersion"], 2)
        code, _ = self.refusal(self.route53.update_health_check, HealthCheckId=id_, HealthCheckVersion=1, Port=8443)
        self.assertEqual(code, "HealthCheckVersionMismatch")
        self.assertEqual(self.inventory(), [("aws_route53_health_check", id_)])
        self.route53.delete_health_check(HealthCheckId=id_)
        self.assertEqual(self.refusal(self.route53.delete_health_check, HealthCheckId=id_)[0], "NoSuchHealthCheck")

    def test_an_alarm_that_route_53_can_watch(self) -> None:
        cloudwatch = self.server.client("cloudwatch", "us-east-1")
        cloudwatch.put_metric_alarm(AlarmName="plain", **_METRIC)
        cloudwatch.put_metric_alarm(AlarmName="math", **_math("m1 + m2"))
        for name, expected in (("none", "there is no alarm none"), ("math", "uses metric math")):
            config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Region": "us-east-1", "Name": name}}
            code, message = self.refusal(
                self.route53.create_health_check, CallerReference=name, HealthCheckConfig=config
            )
            self.assertEqual(code, "InvalidInput")
            self.assertIn(expected, message)
        sent = {
            "Type": "CLOUDWATCH_METRIC",
            "AlarmIdentifier": {"Region": "us-east-1", "Name": "plain"},
            "InsufficientDataHealthStatus": "LastKnownStatus",
        }
        created = self.create(**sent)["HealthCheck"]
        self.assertEqual(created["HealthCheckConfig"], {**sent, "Inverted": False, "Disabled": False})
        self.route53.delete_health_check(HealthCheckId=created["Id"])
        cloudwatch.delete_alarms(AlarmNames=["plain", "math"])

    def test_a_check_that_aws_refuses(self) -> None:
        for config, expected in (
            ({"Type": "HTTPS"}, "IPAddress or FullyQualifiedDomainName"),
            ({"Type": "HTTP", "IPAddress": "192.0.2.1", "RequestInterval": 20}, "RequestInterval must be 10 or 30"),
            ({"Type": "HTTP", "IPAddress": "192.0.2.1", "SearchString": "ok"}, "SearchString belongs to"),
            ({"Type": "TCP", "IPAddress": "192.0.2.1"}, "Port must be specified"),
        ):
            code, message = self.refusal(
                self.route53.create_health_check, CallerReference="r", HealthCheckConfig=config
            )
            self.assertEqual(code, "InvalidInput")
            self.assertIn(expected, message)
