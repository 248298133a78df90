"""What exists in the emulator, as Terraform would name it.

Each extension lists its service's objects (`hooks.lists`): resource type, import id and human name of every object that
a request created. Left out are what an AWS account has by itself (default VPCs, default security groups and parameter
groups, keys and policies that AWS manages, alarms of target tracking, SOA and NS records), seeded zones, and what AWS
keeps visible after its deletion (inactive task definitions, keys and secrets that are scheduled for deletion).
"""

from __future__ import annotations

from .hooks import GLOBAL_SERVICES, LISTERS, moto_backends


def list_resources(account_id: str) -> list[dict[str, str]]:
    """The document of GET /_emulator/inventory, ordered by type and id; `region` is `global` where there is none."""
    resources = []
    for service, lister in LISTERS:
        backends = moto_backends(service)[account_id]
        scopes = {"aws"} if service in GLOBAL_SERVICES else set(backends)
        for scope in sorted(scopes):
            region = "global" if scope in ("aws", "global") else scope
            for type_, id_, name in lister(backends[scope]):
                resources.append({"type": type_, "id": id_, "name": name, "region": region})
    return sorted(resources, key=lambda resource: (resource["type"], resource["region"], resource["id"]))
