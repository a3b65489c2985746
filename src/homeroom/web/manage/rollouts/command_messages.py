"""Run a command of a page and show the visitor what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import Http404
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.web.shared.access import DistrictRequest


def run_command[Outcome](request: DistrictRequest, command: Callable[[], Outcome]) -> Outcome | None:
    """Return the outcome of a command; if it is refused, add a message and return None.

    Raise Http404 for what is not there.
    """
    with _show_refusal(request):
        return command()
    return None


def run_and_confirm(request: DistrictRequest, command: Callable[[], object], success: str) -> None:
    """Run a command and add a message: `success`, or why it was refused. Raise Http404 for what is not there."""
    with _show_refusal(request):
        command()
        messages.success(request, success, extra_tags="good")


@contextmanager
def _show_refusal(request: DistrictRequest) -> Iterator[None]:
    try:
        yield
    except RolloutRefused as error:
        messages.error(request, gettext("That did not work: %(why)s.") % {"why": error}, extra_tags="bad")
    except LookupError as error:
        raise Http404 from error
