"""Sections of a person's home page: a module of this folder with `MY_SECTION` has one, and nothing else is edited."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class MySection:
    """A section of the home page.

    `build(district=, person=, today=, language=)` returns the context of `template`, or None if the section has
    nothing to show; `language` is en or es. The template gets the context of the page too.
    """

    order: int
    template: str
    build: Callable[..., Mapping[str, Any] | None]


def build_sections(
    *, district: District, person: MyPerson, today: date, language: str
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (template, context) of every section that has something to show to a person, in order."""
    built = (
        (section.template, section.build(district=district, person=person, today=today, language=language))
        for section in list_sections()
    )
    return [(template, context) for template, context in built if context is not None]


@cache
def list_sections() -> tuple[MySection, ...]:
    """Return the sections that modules of this folder state, in order."""
    package = import_module("homeroom.web.teach.my")
    modules = (import_module(f"{package.__name__}.{info.name}") for info in pkgutil.iter_modules(package.__path__))
    return tuple(sorted((m.MY_SECTION for m in modules if hasattr(m, "MY_SECTION")), key=lambda item: item.order))
