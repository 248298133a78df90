"""Amazon CloudFront: cache, origin request and response headers policies, and distributions as they were sent.

Implements Create, Get, Get...Config, Update, Delete and List of CachePolicy, OriginRequestPolicy and
ResponseHeadersPolicy, AWS's managed policies among them, and corrects the distribution operations, where moto returns
a reduced DistributionConfig.

Reference: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations.html; identifiers of the managed
policies: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html,
using-managed-origin-request-policies.html and using-managed-response-headers-policies.html.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..hooks import ApiError, Call, Found, amends, implements, lists, prepares

_MANAGED_SINCE = datetime(2019, 10, 1, tzinfo=timezone.utc)


@dataclass
class Policy:
    """A policy of any of the three kinds; `managed` ones belong to AWS."""

    id: str
    config: dict[str, Any]
    managed: bool = False
    etag: str = field(default_factory=lambda: f"E{uuid.uuid4().hex[:13].upper()}")
    modified: datetime = _MANAGED_SINCE


def _cache_policy(name: str, default_ttl: int, max_ttl: int, min_ttl: int, compressed: bool) -> dict[str, Any]:
    return {
        "Name": f"Managed-{name}",
        "DefaultTTL": default_ttl,
        "MaxTTL": max_ttl,
        "MinTTL": min_ttl,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": compressed,
            "EnableAcceptEncodingBrotli": compressed,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        },
    }


def _origin_request_policy(name: str, headers: dict[str, Any], everything_else: str) -> dict[str, Any]:
    return {
        "Name": f"Managed-{name}",
        "HeadersConfig": headers,
        "CookiesConfig": {"CookieBehavior": everything_else},
        "QueryStringsConfig": {"QueryStringBehavior": everything_else},
    }


def _listed(behavior: str, *names: str) -> dict[str, Any]:
    return {"HeaderBehavior": behavior, "Headers": {"Quantity": len(names), "Items": list(names)}}


_SECURITY_HEADERS = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {"Override": False, "AccessControlMaxAgeSec": 31536000},
}


def _cors(*methods: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "AccessControlAllowOrigins": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowHeaders": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowMethods": {"Quantity": len(methods), "Items": list(methods)},
        "AccessControlAllowCredentials": False,
        "OriginOverride": False,
    }
    if len(methods) > 1:
        config["AccessControlExposeHeaders"] = {"Quantity": 1, "Items": ["*"]}
    return config


_ALL_METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")

_MANAGED: dict[str, dict[str, dict[str, Any]]] = {
    "CachePolicy": {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": _cache_policy("CachingOptimized", 86400, 31536000, 1, True),
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _cache_policy("CachingDisabled", 0, 0, 0, False),
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _cache_policy(
            "CachingOptimizedForUncompressedObjects", 86400, 31536000, 1, False
        ),
    },
    "OriginRequestPolicy": {
        "216adef6-5c7f-47e4-b989-5492eafa07d3": _origin_request_policy(
            "AllViewer", {"HeaderBehavior": "allViewer"}, "all"
        ),
        "b689b0a8-53d0-40ab-baf2-68738e2966ac": _origin_request_policy(
            "AllViewerExceptHostHeader", _listed("allExcept", "host"), "all"
        ),
        "59781a5b-3903-41f3-afcb-af62929ccde1": _origin_request_policy(
            "CORS-CustomOrigin", _listed("whitelist", "origin"), "none"
        ),
        "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _origin_request_policy(
            "CORS-S3Origin",
            _listed("whitelist", "origin", "access-control-request-headers", "access-control-request-method"),
            "none",
        ),
        "acba4595-bd28-49b8-b9fe-13317c0390fa": _origin_request_policy(
            "UserAgentRefererHeaders", _listed("whitelist", "user-agent", "referer"), "none"
        ),
    },
    "ResponseHeadersPolicy": {
        "67f7725c-6f97-4210-82d7-5512b31e9d03": {
            "Name": "Managed-SecurityHeadersPolicy",
            "SecurityHeadersConfig": _SECURITY_HEADERS,
        },
        "60669652-455b-4ae9-85a4-c4c02393f86c": {"Name": "Managed-SimpleCORS", "CorsConfig": _cors("GET")},
        "e61eb60c-9c35-4d20-a928-2b84e02af89c": {
            "Name": "Managed-CORS-and-SecurityHeadersPolicy",
            "CorsConfig": _cors("GET"),
            "SecurityHeadersConfig": _SECURITY_HEADERS,
        },
        "5cc3b908-e619-4b99-88e5-2cf7f45965bd": {
            "Name": "Managed-CORS-With-Preflight",
            "CorsConfig": _cors(*_ALL_METHODS),
        },
        "eaab4381-ed33-4a86-88ca-d9558dc6cd63": {
            "Name": "Managed-CORS-with-preflight-and-SecurityHeadersPolicy",
            "CorsConfig": _cors(*_ALL_METHODS),
            "SecurityHeadersConfig": _SECURITY_HEADERS,
        },
    },
}

#: Every policy by kind and id.
POLICIES: dict[str, dict[str, Policy]] = {
    kind: {id_: Policy(id_, config, managed=True) for id_, config in managed.items()}
    for kind, managed in _MANAGED.items()
}

#: DistributionConfig as last sent, by distribution id.
CONFIGS: dict[str, dict[str, Any]] = {}

#: Members that CloudFront returns whether they were sent or not.
_DEFAULTS: dict[str, Any] = {
    "Aliases": {"Quantity": 0},
    "DefaultRootObject": "",
    "OriginGroups": {"Quantity": 0},
    "CacheBehaviors": {"Quantity": 0},
    "CustomErrorResponses": {"Quantity": 0},
    "Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {
        "CloudFrontDefaultCertificate": True,
        "MinimumProtocolVersion": "TLSv1",
        "CertificateSource": "cloudfront",
    },
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": True,
    "ContinuousDeploymentPolicyId": "",
    "Staging": False,
}

#: The member of a cache behavior that refers to a policy, by kind.
_REFERENCES = {
    "CachePolicy": "CachePolicyId",
    "OriginRequestPolicy": "OriginRequestPolicyId",
    "ResponseHeadersPolicy": "ResponseHeadersPolicyId",
}


def _document(kind: str, policy: Policy) -> dict[str, Any]:
    return {"Id": policy.id, "LastModifiedTime": policy.modified, f"{kind}Config": copy.deepcopy(policy.config)}


def _find(kind: str, policy_id: str) -> Policy:
    policy = POLICIES[kind].get(policy_id)
    if policy is None:
        raise ApiError(f"NoSuch{kind}", f"The {kind} {policy_id} does not exist.")
    return policy


def _own(kind: str, call: Call) -> Policy:
    policy = _find(kind, call.params["Id"])
    if policy.managed:
        raise ApiError("IllegalUpdate", f"{policy.config['Name']} is managed by AWS.")
    if call.params.get("IfMatch") != policy.etag:
        raise ApiError("PreconditionFailed", "The If-Match version does not match the policy's.")
    return policy


def _in_use(kind: str, policy_id: str) -> bool:
    return any(
        behavior.get(_REFERENCES[kind]) == policy_id for config in CONFIGS.values() for behavior in _behaviors(config)
    )


def _register(kind: str) -> None:
    @implements("cloudfront", f"Create{kind}")
    def create(call: Call) -> dict[str, Any]:
        config = call.params[f"{kind}Config"]
        if any(policy.config["Name"] == config["Name"] for policy in POLICIES[kind].values()):
            raise ApiError(f"{kind}AlreadyExists", f"A {kind} named {config['Name']} exists.")
        policy = Policy(str(uuid.uuid4()), config, modified=datetime.now(timezone.utc))
        POLICIES[kind][policy.id] = policy
        return {kind: _document(kind, policy), "ETag": policy.etag, "Location": policy.id}

    @implements("cloudfront", f"Get{kind}")
    def get(call: Call) -> dict[str, Any]:
        policy = _find(kind, call.params["Id"])
        return {kind: _document(kind, policy), "ETag": policy.etag}

    @implements("cloudfront", f"Get{kind}Config")
    def get_config(call: Call) -> dict[str, Any]:
        policy = _find(kind, call.params["Id"])
        return {f"{kind}Config": copy.deepcopy(policy.config), "ETag": policy.etag}

    @implements("cloudfront", f"Update{kind}")
    def update(call: Call) -> dict[str, Any]:
        old = _own(kind, call)
        policy = Policy(old.id, call.params[f"{kind}Config"], modified=datetime.now(timezone.utc))
        POLICIES[kind][policy.id] = policy
        return {kind: _document(kind, policy), "ETag": policy.etag}

    @implements("cloudfront", f"Delete{kind}")
    def delete(call: Call) -> dict[str, Any]:
        policy = _own(kind, call)
        if _in_use(kind, policy.id):
            raise ApiError(f"{kind}InUse", f"The {kind} {policy.id} is in use by a distribution.")
        del POLICIES[kind][policy.id]
        return {}

    @implements("cloudfront", _plural(f"List{kind}"))
    def list_(call: Call) -> dict[str, Any]:
        kept = [
            {"Type": "managed" if policy.managed else "custom", kind: _document(kind, policy)}
            for policy in POLICIES[kind].values()
            if call.params.get("Type") in (None, "managed" if policy.managed else "custom")
        ]
        return {f"{kind}List": {"MaxItems": 100, "Quantity": len(kept), "Items": kept}}


def _plural(name: str) -> str:
    return f"{name[:-1]}ies"


for _kind in _MANAGED:
    _register(_kind)


def sent_config(call: Call) -> dict[str, Any]:
    params = call.params.get("DistributionConfigWithTags") or call.params
    config: dict[str, Any] = params["DistributionConfig"]
    return config


def _behaviors(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [config["DefaultCacheBehavior"], *(config.get("CacheBehaviors") or {}).get("Items", [])]


@prepares("cloudfront", "CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution")
def refuse_unknown_policies(call: Call) -> None:
    """A behavior refers to policies that exist, and has either a cache policy or ForwardedValues."""
    for behavior in _behaviors(sent_config(call)):
        for kind, member in _REFERENCES.items():
            if behavior.get(member):
                _find(kind, behavior[member])
        if bool(behavior.get("CachePolicyId")) == ("ForwardedValues" in behavior):
            raise ApiError(
                "InvalidArgument", "A cache behavior needs either CachePolicyId or ForwardedValues, and not both."
            )


@amends("cloudfront", "CreateDistribution", "CreateDistributionWithTags", "UpdateDistribution")
def keep_distribution_config(call: Call, response: dict[str, Any]) -> None:
    """The configuration is kept, and returned, as it was sent; a change is deployed at once."""
    CONFIGS[response["Distribution"]["Id"]] = {**_DEFAULTS, **sent_config(call)}
    echo_distribution(call, response)


@amends("cloudfront", "GetDistribution")
def echo_distribution(call: Call, response: dict[str, Any]) -> None:
    """DistributionConfig as sent; Deployed."""
    distribution = response["Distribution"]
    distribution["DistributionConfig"] = copy.deepcopy(CONFIGS[distribution["Id"]])
    distribution["Status"] = "Deployed"


@amends("cloudfront", "GetDistributionConfig")
def echo_distribution_config(call: Call, response: dict[str, Any]) -> None:
    """DistributionConfig as sent."""
    response["DistributionConfig"] = copy.deepcopy(CONFIGS[call.params["Id"]])


@amends("cloudfront", "DeleteDistribution")
def forget_distribution_config(call: Call, _response: dict[str, Any]) -> None:
    """Frees the policies that the distribution used."""
    CONFIGS.pop(call.params["Id"], None)


#: Terraform's names for the custom policies.
_POLICY_TYPES = {
    "CachePolicy": "aws_cloudfront_cache_policy",
    "OriginRequestPolicy": "aws_cloudfront_origin_request_policy",
    "ResponseHeadersPolicy": "aws_cloudfront_response_headers_policy",
}


@lists("cloudfront")
def list_resources(backend: Any) -> Iterator[Found]:
    for distribution in backend.distributions.values():
        yield "aws_cloudfront_distribution", distribution.id, distribution.domain_name
    for kind, policies in POLICIES.items():
        for policy in policies.values():
            if not policy.managed:
                yield _POLICY_TYPES[kind], policy.id, policy.config["Name"]
