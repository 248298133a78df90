"""Amazon EventBridge Scheduler: schedules invoke their Lambda functions.

Not modelled: the flexible time window, retries, other targets.

Reference: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from threading import Thread
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from .. import keys, regions, running
from ..hooks import Found, lists, moto_backends
from ..schedules import next_time
from .lambda_ import invoke_later

_TICK_SECONDS = 0.5

_log = logging.getLogger("emulator")


class Clock:
    """Invokes what comes due, from a thread of its own."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._last = datetime.now(timezone.utc)

    def start(self) -> None:
        Thread(target=self._tick_for_ever, name="schedules", daemon=True).start()

    def _tick_for_ever(self) -> None:
        while True:
            time.sleep(_TICK_SECONDS)
            try:
                with running.STATE:
                    self.tick(datetime.now(timezone.utc))
            except Exception:
                _log.exception("the clock of the schedules failed")

    def tick(self, now: datetime) -> None:
        """Invokes what came due since the last tick."""
        last, self._last = self._last, now
        backends = moto_backends("scheduler")[self._account_id]
        for region in list(backends):
            if regions.lost_since(region) is not None:
                continue
            for group in backends[region].schedule_groups.values():
                for schedule in group.schedules.values():
                    if schedule.state == "ENABLED" and _comes_due(schedule, last, now):
                        self._invoke(schedule, region)

    def _invoke(self, schedule: Any, region: str) -> None:
        by = ("scheduler", self._account_id, region)
        if not keys.role_may(schedule.target["RoleArn"], "kms:Decrypt", schedule.kms_key_arn, by):
            _log.warning("schedule %s: its role may not decrypt with %s", schedule.name, schedule.kms_key_arn)
            return
        try:
            function = moto_backends("lambda")[self._account_id][region].get_function(schedule.target["Arn"])
        except UnknownFunctionException:
            _log.warning("schedule %s: no function %s", schedule.name, schedule.target["Arn"])
            return
        invoke_later(function, json.loads(schedule.target.get("Input") or "{}"))


def _comes_due(schedule: Any, last: datetime, now: datetime) -> bool:
    created = datetime.fromtimestamp(float(schedule.creation_date), timezone.utc)
    due = next_time(schedule.schedule_expression, schedule.schedule_expression_timezone, last, created)
    return due is not None and due <= now


@lists("scheduler")
def list_resources(backend: Any) -> Iterator[Found]:
    for group in backend.schedule_groups.values():
        if group.name != "default":
            yield "aws_scheduler_schedule_group", group.name, group.name
        for name in group.schedules:
            yield "aws_scheduler_schedule", f"{group.name}/{name}", name
