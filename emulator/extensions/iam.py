"""AWS IAM: service-linked roles.

Corrects CreateServiceLinkedRole: the role of Amazon Elasticsearch Service has the name that AWS gives it.

Reference: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html,
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/slr-aos.html
"""

from __future__ import annotations

from moto.iam.models import SERVICE_NAME_CONVERSION

SERVICE_NAME_CONVERSION["es"] = "AmazonElasticsearchService"
