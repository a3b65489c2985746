"""What pages, files and the command line call a finding: the problem with its number, or the title of the control."""

from __future__ import annotations

from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.protect.controls import Control


def describe_problem(control: Control, *, count: int, group: str = "") -> str:
    """Return what is wrong with `count` failing subjects, of one group if given.

    Where nothing fails, and for a control that is not shipped any more, return what should be true.
    """
    grouping = control.groups if group else None
    text = grouping.problem if grouping else control.problem
    if not count or text is None:
        return _describe_wish(control, group)
    problem = text.format_for(count, group=group)
    return problem if grouping or not group else f"{problem} ({_describe_tenant(control, group)})"


def describe_count(control: Control, *, count: int) -> str:
    """Return the problem with any number, also 0, for figures: "0 databases can be reached from the internet"."""
    return control.problem.format_for(count) if control.problem else control.title


def _describe_wish(control: Control, group: str) -> str:
    if not group:
        return control.title
    if control.groups:
        return control.groups.title.replace("{group}", group)
    return f"{control.title} ({_describe_tenant(control, group)})"


def _describe_tenant(control: Control, tenant: str) -> str:
    """Return a tenant with its suite, such as Google Workspace C0maple00."""
    suite = next(iter(control.fix), "")
    return f"{product_word(suite)} {tenant}" if suite else tenant
