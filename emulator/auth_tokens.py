"""The tokens with which clients log in to a replication group, and how ModifyReplicationGroup changes them.

ROTATE accepts the new token beside the one before it, or beside none; a third one ends the oldest. SET leaves one
token and is "allowed only after ROTATE". On a group that never had a token SET is taken: the first one is added so.

Reference: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
(AuthTokenUpdateStrategy, whose words the refusal uses: AWS documents no text of the error);
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html; the refusal of DELETE:
https://github.com/crossplane-contrib/provider-upjet-aws/issues/1370
"""

from __future__ import annotations

import re

from .hooks import ApiError

_FORM = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")


class AuthTokens:
    """Of one replication group; None stands for a connection without a token."""

    def __init__(self, token: str | None) -> None:
        check(token)
        self._accepted: list[str | None] = [token]
        self._rotated = False

    def accepted(self) -> list[str | None]:
        """The newest last."""
        return list(self._accepted)

    def modify(self, token: str | None, strategy: str, to_users: bool) -> None:
        """Applies a request at once, or refuses it with ApiError and changes nothing.

        `to_users`: the request also gives the group to user groups (RBAC), which is what DELETE is for.
        """
        if strategy == "DELETE":
            if not to_users:
                raise _refusal("Auth token update strategy delete is not supported currently")
            self._accepted, self._rotated = [None], False
            return
        if token is None:
            raise _refusal("AuthToken is required with this AuthTokenUpdateStrategy")
        check(token)
        if strategy == "ROTATE":
            self._accepted = list(dict.fromkeys([self._accepted[-1], token]))
            self._rotated = True
            return
        if not self._rotated and self._accepted != [None]:
            raise _refusal("Auth token update strategy SET is allowed only after ROTATE")
        self._accepted, self._rotated = [token], False


def check(token: str | None) -> None:
    """16 to 128 characters: letters, digits, !&#$^<>-."""
    if token is not None and not _FORM.fullmatch(token):
        raise _refusal("Invalid AuthToken provided.")


def _refusal(message: str) -> ApiError:
    return ApiError("InvalidParameterValue", message)
