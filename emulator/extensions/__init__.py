"""One module per AWS service: the operations that moto lacks, or answers differently from AWS."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Imports every extension, which registers its operations."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
