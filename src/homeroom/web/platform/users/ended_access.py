"""Messages after sessions or tokens of a user were ended."""

from __future__ import annotations

from django.utils.translation import ngettext


def describe_ended(count: int) -> str:
    """Return the message after sessions were ended."""
    return ngettext("%(n)d session ended.", "%(n)d sessions ended.", count) % {"n": count}


def describe_ended_tokens(count: int) -> str:
    """Return the message after API tokens were ended."""
    return ngettext("%(n)d API token ended.", "%(n)d API tokens ended.", count) % {"n": count}
