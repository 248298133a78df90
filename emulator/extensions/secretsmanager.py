"""AWS Secrets Manager: what exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("secretsmanager")
def list_resources(backend: Any) -> Iterator[Found]:
    for secret in backend.secrets.values():
        if secret.is_deleted():
            continue
        yield "aws_secretsmanager_secret", secret.arn, secret.name
        for version_id, version in secret.versions.items():
            if "AWSCURRENT" in version["version_stages"]:
                yield "aws_secretsmanager_secret_version", f"{secret.arn}|{version_id}", secret.name
