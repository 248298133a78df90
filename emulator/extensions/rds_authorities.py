"""Amazon RDS: which certificate authority signed a DB instance's certificate.

Corrects CreateDBInstance, CreateDBInstanceReadReplica, RestoreDBInstance... and ModifyDBInstance: an instance gets the
region's default authority unless the request names another one, an authority that is none, or has expired, is refused,
and a change without ApplyImmediately waits for the maintenance window, which is not modelled. A version that databases
are no longer made with stands for a database of before 2024, whose authority was rds-ca-2019. What the server presents
is signed by the run's own authority, whatever this says.

Reference: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL-certificate-rotation.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html (CACertificateIdentifier,
CertificateNotFound), API_ModifyDBInstance.html (ApplyImmediately)
"""

from __future__ import annotations

from typing import Any

from ..hooks import ApiError, Call, amends, prepares
from ..offerings import postgres_classes

_DEFAULT = "rds-ca-rsa2048-g1"
#: Those that have not expired.
AUTHORITIES = (_DEFAULT, "rds-ca-ecc384-g1", "rds-ca-rsa4096-g1")
_BEFORE_2024 = "rds-ca-2019"

_CREATIONS = (
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
)


@prepares("rds", *_CREATIONS, "ModifyDBInstance")
def refuse_unknown_authority(call: Call) -> None:
    given = call.params.get("CACertificateIdentifier")
    if given is not None and given not in AUTHORITIES:
        raise ApiError("CertificateNotFound", f"Certificate {given} not found.")


@amends("rds", *_CREATIONS)
def choose_authority(call: Call, response: dict[str, Any]) -> None:
    _present(call, response, call.params.get("CACertificateIdentifier") or _default_for(call.params))


@amends("rds", "ModifyDBInstance")
def change_authority(call: Call, response: dict[str, Any]) -> None:
    """moto has changed it already."""
    instance = call.backend().databases[response["DBInstance"]["DBInstanceIdentifier"]]
    wanted = call.params.get("CACertificateIdentifier")
    now = call.params.get("ApplyImmediately", False)
    _present(call, response, wanted if wanted and now else instance.presented_authority)


def _default_for(params: dict[str, Any]) -> str:
    version = params.get("EngineVersion")
    is_old = params.get("Engine") == "postgres" and "." in (version or "") and version not in postgres_classes()
    return _BEFORE_2024 if is_old else _DEFAULT


def _present(call: Call, response: dict[str, Any], authority: str) -> None:
    document = response["DBInstance"]
    instance = call.backend().databases[document["DBInstanceIdentifier"]]
    instance.presented_authority = instance.ca_certificate_identifier = authority
    document["CACertificateIdentifier"] = authority
