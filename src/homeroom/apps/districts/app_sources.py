"""What apps have for one another: classes that an app's configuration names, loaded when they are first asked for.

The weekly plan has tasks of incidents and duties, and laws have cases of requests, although plan and laws know neither.
A command that needs none of them does not import them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

KINDS = ("task_sources", "visit_sources", "case_sources", "proof_sources", "course_sources")
"""Attributes of app configurations, each a tuple of dotted names of classes."""


@cache
def load_sources(kind: str) -> tuple[Any, ...]:
    """Return an instance of each class that apps name for one of KINDS, in the order of the apps."""
    names = [name for config in apps.get_app_configs() for name in getattr(config, kind, ())]
    return tuple(import_string(name)() for name in names)
