"""Registry of report kinds: every module of the kinds package that has a `KIND`."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import homeroom.apps.comply.reports.kinds as kind_modules
from homeroom.apps.comply.reports.report import ReportKind


@cache
def load_report_kinds() -> Mapping[str, ReportKind]:
    """Return every kind of report by name, in order of the names."""
    names = sorted(info.name for info in pkgutil.iter_modules(kind_modules.__path__))
    modules = [import_module(f"{kind_modules.__name__}.{name}") for name in names]
    return {module.KIND.name: module.KIND for module in modules if hasattr(module, "KIND")}
