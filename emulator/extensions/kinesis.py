"""Amazon Kinesis Data Streams: what exists.

Reference: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("kinesis")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.streams:
        yield "aws_kinesis_stream", name, name
