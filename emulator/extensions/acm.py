"""AWS Certificate Manager: validation by DNS.

Corrects DescribeCertificate: a certificate with DNS validation is issued when its CNAME records exist in Route 53,
at once, and not before.

Reference: https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html,
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto import settings

from ..hooks import Call, Found, amends, lists

# moto issues a pending certificate after this many seconds, records or not.
settings.ACM_VALIDATION_WAIT = 10**9


@amends("acm", "DescribeCertificate")
def issue_validated(call: Call, response: dict[str, Any]) -> None:
    """ISSUED, with the validation status of every name, once all of its records are there."""
    document = response["Certificate"]
    if document["Status"] != "PENDING_VALIDATION":
        return
    options = document.get("DomainValidationOptions", [])
    if not options or any(option.get("ValidationMethod") != "DNS" for option in options):
        return
    validated = [_record_exists(call, option["ResourceRecord"]) for option in options]
    for option, valid in zip(options, validated, strict=True):
        option["ValidationStatus"] = "SUCCESS" if valid else "PENDING_VALIDATION"
    if all(validated):
        call.backend().get_certificate(call.params["CertificateArn"]).status = "ISSUED"
        document["Status"] = "ISSUED"


def _record_exists(call: Call, wanted: dict[str, str]) -> bool:
    return any(
        record.name.rstrip(".") == wanted["Name"].rstrip(".")
        and record.type == wanted["Type"]
        and any(value["Value"].rstrip(".") == wanted["Value"].rstrip(".") for value in record.resource_records or [])
        for zone in call.backend("route53").zones.values()
        for record in zone.rrsets
    )


@lists("acm")
def list_resources(backend: Any) -> Iterator[Found]:
    for certificate in backend._certificates.values():
        yield "aws_acm_certificate", certificate.arn, certificate.common_name
