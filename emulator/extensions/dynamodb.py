"""Amazon DynamoDB: what exists.

Reference: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("dynamodb")
def list_resources(backend: Any) -> Iterator[Found]:
    for name in backend.tables:
        yield "aws_dynamodb_table", name, name
