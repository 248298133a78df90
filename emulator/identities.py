"""Who signs a request: the access key of a role's sessions, and the secrets of the run's keys."""

from __future__ import annotations

import hashlib

#: Functions' sessions, and what scripts and tests sign with.
SECRETS = ("dummy", "emulator")

_roles: dict[str, str] = {}


def access_key_of(role_arn: str) -> str:
    """The key that all sessions of a role sign with."""
    key = "AKIAFUNCTION" + hashlib.sha256(role_arn.encode()).hexdigest()[:8].upper()
    _roles[key] = role_arn
    return key


def role_of(access_key: str) -> str | None:
    """None for any other key: it is its account's administrator's."""
    return _roles.get(access_key)
