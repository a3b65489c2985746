"""The kinds of report that there are: every module of `made` that has a `KIND`. Being there is being registered."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import homeroom.apps.reports.made as made
from homeroom.apps.reports.report import Kind


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of report by name, in order of the names."""
    names = sorted(info.name for info in pkgutil.iter_modules(made.__path__))
    modules = [import_module(f"{made.__name__}.{name}") for name in names]
    return {module.KIND.name: module.KIND for module in modules if hasattr(module, "KIND")}
