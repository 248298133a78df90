"""Amazon ECR: images.

Corrects PutImage: an image's digest is the SHA-256 of its manifest.

Reference: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html;
https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from moto.ecr.models import Image

from ..hooks import Found, lists


def _create_digest(self: Image) -> None:
    self._image_digest = f"sha256:{sha256(self.image_manifest.encode()).hexdigest()}"


Image._create_digest = _create_digest  # type: ignore[method-assign]


@lists("ecr")
def list_resources(backend: Any) -> Iterator[Found]:
    for name, repository in backend.repositories.items():
        yield "aws_ecr_repository", name, name
        if repository.lifecycle_policy:
            yield "aws_ecr_lifecycle_policy", name, name
