"""What exists in the emulator, as Terraform would name it."""

from __future__ import annotations


def list_resources(account_id: str) -> list[dict[str, str]]:
    return []
