"""Amazon S3 Control: the block of public access of a whole account, which moto has, for the list of what exists.

An SDK puts the account in front of the emulator's address (`111111111111.127.0.0.1`), which no resolver knows. The
local run names the emulator as its HTTP proxy, and Go's proxy rules leave out 127.0.0.1, so that only this host goes
there.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("s3control")
def list_resources(backend: Any) -> Iterator[Found]:
    if backend.public_access_block is not None:
        yield "aws_s3_account_public_access_block", backend.account_id, "public access block of the account"
