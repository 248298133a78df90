"""When a schedule comes due: `rate(...)`, `cron(...)` and `at(...)` of EventBridge.

Not read: L, W and # in a cron expression.

Reference: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

#: A cron expression that names no day within this many has none.
_HORIZON_DAYS = 366 * 8


def next_time(expression: str, time_zone: str, after: datetime, created: datetime) -> datetime | None:
    """The first time after `after`, both in UTC; None where there is none. Rates count from `created`."""
    kind, _, rest = expression.partition("(")
    text = rest.rstrip(")")
    if kind == "rate":
        number, unit = text.split()
        period = timedelta(seconds=int(number) * _UNITS[unit.rstrip("s")])
        return created + period * ((after - created) // period + 1)
    if kind == "at":
        when = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone)).astimezone(timezone.utc)
        return when if when > after else None
    if kind == "cron":
        return _next_of_cron(text.split(), ZoneInfo(time_zone), after)
    raise ValueError(f"{expression} is none of rate(...), cron(...), at(...)")


def _next_of_cron(fields: list[str], zone: ZoneInfo, after: datetime) -> datetime | None:
    minutes = _values(fields[0], 0, 59)
    hours = _values(fields[1], 0, 23)
    days = _values(fields[2], 1, 31)
    months = _values(fields[3], 1, 12, _MONTHS, first=1)
    weekdays = _values(fields[4], 1, 7, _DAYS, first=1)
    years = _values(fields[5], 1970, 2199)
    start = after.astimezone(zone)
    for offset in range(_HORIZON_DAYS):
        day = (start + timedelta(days=offset)).date()
        # Sunday is 1.
        if day.year not in years or day.month not in months or day.day not in days:
            continue
        if day.isoweekday() % 7 + 1 not in weekdays:
            continue
        for hour in sorted(hours):
            for minute in sorted(minutes):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                when = local.astimezone(timezone.utc)
                if when > after:
                    return when
    return None


def _values(field: str, low: int, high: int, names: tuple[str, ...] = (), first: int = 0) -> set[int]:
    for index, name in enumerate(names):
        field = re.sub(rf"\b{name}\b", str(index + first), field, flags=re.IGNORECASE)
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            begin, end = low, high
        elif "-" in span:
            begin, end = map(int, span.split("-"))
        else:
            begin, end = int(span), high if step else int(span)
        values.update(range(begin, end + 1, int(step or 1)))
    return values
