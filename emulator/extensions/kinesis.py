"""Amazon Kinesis Data Streams: tags and what exists.

Corrects CreateStream: a stream has the tags that it is created with.

Reference: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Call, Found, implements, lists


@implements("kinesis", "CreateStream")
def create_stream(call: Call) -> dict[str, Any]:
    params, backend = call.params, call.backend()
    backend.create_stream(params["StreamName"], params.get("ShardCount"), stream_mode=params.get("StreamModeDetails"))
    backend.streams[params["StreamName"]].tags.update(params.get("Tags", {}))
    return {}


@lists("kinesis")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.streams:
        yield "aws_kinesis_stream", name, name
