"""The master passwords that databases were given: no operation of AWS tells them, and tests compare them."""

from __future__ import annotations

from .hooks import moto_backends


def by_identifier(account_id: str) -> dict[str, str]:
    """The document of GET /_emulator/database-passwords."""
    backends = moto_backends("rds")[account_id]
    return {
        identifier: instance._master_user_password  # moto's public property refuses to tell
        for region in list(backends)
        for identifier, instance in backends[region].databases.items()
    }
