"""Run a command of a page and show the visitor what became of it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404
from django.utils.translation import gettext

from homeroom.apps.rollouts.records import RolloutRefused
from homeroom.web.shared.access import DistrictRequest


def run_command(request: DistrictRequest, command: Callable[[], object], success: str) -> None:
    """Run a command and add a message: `success`, or why it was refused. Raise Http404 for what is not there."""
    try:
        command()
    except RolloutRefused as error:
        messages.error(request, gettext("That did not work: %(why)s.") % {"why": error}, extra_tags="bad")
    except LookupError as error:
        raise Http404 from error
    else:
        messages.success(request, success, extra_tags="good")
