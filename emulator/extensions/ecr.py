"""Amazon ECR: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("ecr")
def list_resources(backend: Any) -> Iterator[Found]:
    for name, repository in backend.repositories.items():
        yield "aws_ecr_repository", name, name
        if repository.lifecycle_policy:
            yield "aws_ecr_lifecycle_policy", name, name
