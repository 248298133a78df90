"""AWS Glue: what the Data Catalog holds.

Reference: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..hooks import Found, lists


@lists("glue")
def list_resources(backend: Any) -> Iterator[Found]:
    catalog = backend.account_id
    for name, database in backend.databases.items():
        yield "aws_glue_catalog_database", f"{catalog}:{name}", name
        for table in database.tables:
            yield "aws_glue_catalog_table", f"{catalog}:{name}:{table}", f"{name}.{table}"
