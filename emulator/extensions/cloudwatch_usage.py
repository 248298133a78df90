"""Amazon CloudWatch: AWS/Usage of Fargate.

Corrects GetMetricStatistics: ResourceCount of Fargate's vCPUs is that of the tasks that run, at the minute of the
request. There is none before the account and region have had a task.

Reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/monitoring-fargate-usage.html
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..hooks import Call, amends
from .ecs_tasks import vcpus_in_use

_CLASSES = {"Standard/OnDemand": False, "Standard/Spot": True}


@amends("cloudwatch", "GetMetricStatistics")
def fargate_usage(call: Call, response: dict[str, Any]) -> None:
    """One data point."""
    dimensions = {each["Name"]: each["Value"] for each in call.params.get("Dimensions", [])}
    spot = _CLASSES.get(dimensions.pop("Class", ""))
    is_usage = (call.params["Namespace"], call.params["MetricName"]) == ("AWS/Usage", "ResourceCount")
    if not is_usage or spot is None or dimensions != {"Service": "Fargate", "Type": "Resource", "Resource": "vCPU"}:
        return
    used = vcpus_in_use(call, spot)
    if used is None:
        return
    minute = datetime.now(timezone.utc).replace(second=0, microsecond=0)
    values: dict[str, Any] = dict.fromkeys(("Average", "Minimum", "Maximum", "Sum"), used) | {"SampleCount": 1.0}
    asked = {name: values[name] for name in call.params["Statistics"]}
    response["Datapoints"] = [{"Timestamp": minute, "Unit": "None", **asked}]
