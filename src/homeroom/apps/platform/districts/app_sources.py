"""What apps have for one another: classes and functions that an app's configuration names, loaded when asked for.

The weekly plan has tasks of incidents and duties, and laws have cases of requests, although plan and laws know neither.
A command that needs none of them does not import them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

KINDS = ("task_sources", "visit_sources", "case_sources", "proof_sources", "course_sources")
"""Attributes of app configurations, each a tuple of dotted names of classes."""


FUNCTION_KINDS = (
    "clocks",
    "expiries",
    "measures",
    "load_follow_ups",
    "event_follow_ups",
    "nightly_steps",
    "restore_follow_ups",
)
"""Attributes of app configurations, each a tuple of dotted names of functions, or of classes with a method `apply`.

The background worker calls each clock without arguments every few seconds; the clock itself knows what is due. Each
expiry deletes what is too old at a given time, and returns how many. Measures are gauges of the installation.
Follow-ups run after a load of lists or of events, or for each erasure that a restored backup lacks; nightly steps run
once a night.
"""


@cache
def load_sources(kind: str) -> tuple[Any, ...]:
    """Return an instance of each class that apps name for one of KINDS, in the order of the apps."""
    names = [name for config in apps.get_app_configs() for name in getattr(config, kind, ())]
    return tuple(import_string(name)() for name in names)


def load_functions(kind: str) -> Mapping[str, Callable[..., Any]]:
    """Return what apps name for one of FUNCTION_KINDS, by its dotted name, in the order of the apps.

    Of a class, it is the method `apply` of a new instance.
    """
    names = [name for config in apps.get_app_configs() for name in getattr(config, kind, ())]
    return {name: _get_function(import_string(name)) for name in names}


def _get_function(value: Any) -> Callable[..., Any]:
    function: Callable[..., Any] = value().apply if isinstance(value, type) else value
    return function
