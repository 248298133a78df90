"""AWS KMS: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("kms")
def list_resources(backend: Any) -> Iterator[Found]:
    for key in backend.keys.values():
        if key.key_manager != "AWS" and key.key_state != "PendingDeletion":
            yield "aws_kms_key", key.id, key.description or key.id
        for name in key.aliases:
            if not name.startswith("alias/aws/"):
                yield "aws_kms_alias", name, name
