"""Who signs a request (a role's sessions by their access key), and the secrets of the run's keys."""

from __future__ import annotations

import hashlib

from .hooks import moto_backends

#: Functions' sessions, and what scripts and tests sign with.
SECRETS = ("dummy", "emulator")

_roles: dict[str, str] = {}


def access_key_of(role_arn: str) -> str:
    """The key that all sessions of a role sign with."""
    key = "AKIAFUNCTION" + hashlib.sha256(role_arn.encode()).hexdigest()[:8].upper()
    _roles[key] = role_arn
    return key


def role_of(access_key: str) -> str | None:
    """ARN of the role whose session signs with the key: of a function, or one that STS gave. None for any other key: it
    is its account's administrator's."""
    if access_key in _roles:
        return _roles[access_key]
    for backends in moto_backends("sts").values():
        session = backends["aws"].get_assumed_role_from_access_key(access_key)
        if session is not None:
            return str(session.role_arn)
    return None
