"""What AWS refuses in the settings of a metric alarm, beyond what the API model says.

Reference: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Period,
DatapointsToAlarm, ExtendedStatistic, Metrics, ThresholdMetricId, TreatMissingData, the actions' ARNs);
API_MetricDataQuery.html (Id, ReturnData, exactly one of Expression and MetricStat; an alarm has at most 20 of them);
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html (an alarm looks at seven days
where its period is an hour or more, else at one day)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import metric_math

MISSING_DATA_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
_SHORT_PERIODS = (10, 20, 30)
_MOST_QUERIES = 20
_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{0,10})?|100(\.0{0,10})?)")
_BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
_SNS, _OTHER_ACTIONS = r"arn:[\w-]+:sns:([\w-]+):\d{12}:[\w-]+(\.fifo)?", r"arn:[\w-]+:([\w-]+):.+"
_ACTION_SERVICES = frozenset(
    {"aiops", "autoscaling", "automate", "lambda", "sns", "ssm", "ssm-incidents", "swf", "ssm-contacts"}
)


def problem_of(params: dict[str, Any], region: str) -> str | None:
    """The first reason to refuse PutMetricAlarm's parameters, None where there is none."""
    return next(_problems(params, region), None)


def _problems(params: dict[str, Any], region: str) -> Iterator[str]:
    yield from action_problems(params, region)
    periods = params.get("EvaluationPeriods")
    if periods is None:
        yield "The parameter EvaluationPeriods is required."
        return
    if params.get("DatapointsToAlarm", 1) > periods:
        yield (
            f"The value {params['DatapointsToAlarm']} for parameter DatapointsToAlarm must be less than or equal to "
            f"EvaluationPeriods {periods}."
        )
    if params.get("TreatMissingData") not in (None, *MISSING_DATA_TREATMENTS):
        yield (
            f"Option {params['TreatMissingData']} is not supported. Supported options for parameter TreatMissingData "
            f"are {', '.join(MISSING_DATA_TREATMENTS)}."
        )
    if (params.get("Threshold") is None) == (params.get("ThresholdMetricId") is None):
        yield "Exactly one of Threshold and ThresholdMetricId must be specified"
    if (params["ComparisonOperator"] in _BANDS) != ("ThresholdMetricId" in params):
        yield f"ComparisonOperator {params['ComparisonOperator']} and ThresholdMetricId do not go together"
    if params.get("Metrics"):
        for name in ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"):
            if params.get(name):
                yield f"Metrics list cannot be combined with parameter {name}"
        yield from _problems_of_queries(params)
    else:
        yield from _problems_of_metric(params)


def _problems_of_metric(params: dict[str, Any]) -> Iterator[str]:
    for name in ("MetricName", "Namespace", "Period"):
        if not params.get(name):
            yield f"The parameter {name} is required where there are no Metrics."
            return
    if ("Statistic" in params) == ("ExtendedStatistic" in params):
        yield "Exactly one of Statistic and ExtendedStatistic must be specified"
    if "ExtendedStatistic" in params and not _PERCENTILE.fullmatch(params["ExtendedStatistic"]):
        yield f"The value {params['ExtendedStatistic']} for parameter ExtendedStatistic is not supported."
    yield from _problems_of_period(params["Period"], params["EvaluationPeriods"])


def _problems_of_period(period: int, evaluation_periods: int) -> Iterator[str]:
    if period not in _SHORT_PERIODS and period % 60:
        yield f"Period must be 10, 20, 30 or a multiple of 60, not {period}"
    longest = 7 * 86400 if period >= 3600 else 86400
    if period * evaluation_periods > longest:
        yield (
            f"Metrics cannot be checked across more than {'seven days' if longest > 86400 else 'a day'} "
            f"(EvaluationPeriods * Period must be <= {longest})"
        )


def _problems_of_queries(params: dict[str, Any]) -> Iterator[str]:
    queries = params["Metrics"]
    ids = [query["Id"] for query in queries]
    if len(queries) > _MOST_QUERIES:
        yield f"The list of Metrics has {len(queries)} items, at most {_MOST_QUERIES} are allowed"
    for id_ in ids:
        if not re.fullmatch(r"[a-z][a-zA-Z0-9_]*", id_):
            yield f"Metrics list contains an Id that does not start with a lowercase letter: {id_}"
    if len(set(ids)) < len(ids):
        yield "Metrics list contains Ids that are not unique"
    band = params.get("ThresholdMetricId")
    if band is not None and band not in ids:
        yield f"ThresholdMetricId {band} is not in the Metrics list"
    returned = [query["Id"] for query in queries if query.get("ReturnData", True) and query["Id"] != band]
    if len(returned) != 1:
        yield f"Exactly one element of the metrics list should return data, not {len(returned)}"
    for query in queries:
        yield from _problems_of_query(query, params, ids)
    values: dict[str, metric_math.Value] = {id_: {0: 1.0, 60: 2.0} for id_ in ids}
    metrics = tuple(query["Id"] for query in queries if "MetricStat" in query)
    data = metric_math.Data(values, metrics, times=(0, 60), period=60)
    for query in queries:
        if query["Id"] in returned and "Expression" in query:
            yield from _problems_of_result(query["Expression"], data)


def _problems_of_query(query: dict[str, Any], params: dict[str, Any], ids: list[str]) -> Iterator[str]:
    if ("Expression" in query) == ("MetricStat" in query):
        yield f"Exactly one of Expression and MetricStat must be specified in the metric {query['Id']}"
    elif "MetricStat" in query:
        yield from _problems_of_period(query["MetricStat"]["Period"], params["EvaluationPeriods"])
        statistic = query["MetricStat"]["Stat"]
        if statistic not in ("SampleCount", "Average", "Sum", "Minimum", "Maximum") and not _PERCENTILE.fullmatch(
            statistic
        ):
            yield f"The value {statistic} for parameter Stat is not supported."
    else:
        try:
            expression = metric_math.parse(query["Expression"])
        except metric_math.InvalidExpression as problem:
            yield f"Invalid metrics list: error in expression '{query['Id']}': {problem}"
            return
        for name in sorted(expression.references - set(ids)):
            yield f"Invalid metrics list: error in expression '{query['Id']}': undefined identifier '{name}'"
        if query["Id"] in expression.references:
            yield f"Invalid metrics list: error in expression '{query['Id']}': it refers to itself"


def _problems_of_result(expression: str, data: metric_math.Data) -> Iterator[str]:
    """An alarm watches one time series: neither a number nor an array."""
    try:
        value = metric_math.parse(expression).evaluate(data)
    except metric_math.NotModelled:
        return
    except metric_math.InvalidExpression as problem:
        yield f"Invalid metrics list: {problem}"
        return
    except KeyError:
        return
    if not isinstance(value, dict):
        yield "Invalid metrics list: the expression must return exactly one time series"


def action_problems(params: dict[str, Any], region: str) -> Iterator[str]:
    """Of a metric alarm or a composite alarm."""
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        actions = params.get(name) or []
        if len(set(actions)) < len(actions):
            yield f"{name} contains an action twice"
        for arn in actions:
            other, topic = re.fullmatch(_OTHER_ACTIONS, arn), re.fullmatch(_SNS, arn)
            if other is None or other[1] not in _ACTION_SERVICES or (other[1] == "sns" and topic is None):
                yield f"Invalid arn syntax: {arn}"
            elif topic is not None and topic[1] != region:
                yield f"Invalid region {topic[1]} specified. Only {region} is supported."
