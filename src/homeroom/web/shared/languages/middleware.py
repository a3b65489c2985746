"""Pages in the visitor's language: those of a module, or of a package, that states `IN_VISITOR_LANGUAGE = True`.

All others are in English. Staff's own pages choose by themselves (`web/teach/my/access.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from homeroom.web.shared.languages.choice import get_language

MARK = "IN_VISITOR_LANGUAGE"


class VisitorLanguage:
    """Middleware that activates the visitor's language for the pages that are in it, until the response is built."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response; whatever language it was in ends with it."""
        with translation.override(translation.get_language()):
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any) -> None:
        """Activate the visitor's language if the view's pages are in it."""
        if is_in_visitor_language(view.__module__):
            translation.activate(get_language(request))


@cache
def is_in_visitor_language(module: str) -> bool:
    """Check whether a module's pages are in the visitor's language; what it states goes before its package."""
    for name in (module, module.rpartition(".")[0]):
        if (mark := getattr(sys.modules.get(name), MARK, None)) is not None:
            return bool(mark)
    return False
