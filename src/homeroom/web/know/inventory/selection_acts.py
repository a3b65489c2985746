"""What can be done with rows that were selected in an inventory list, as data.

Each act leads to a page that exists for one list query; a selection is a list query too, so that it needs no page of
its own. An act is offered to who holds its permission.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.web.know.inventory.list_addresses import PLURAL


@dataclass(frozen=True, kw_only=True)
class SelectionAct:
    """One act: the `label` in the list, the `button` that carries it out, and its `effect` in a sentence.

    `build_url` returns the address that carries it out, of a kind and the query string of a selection; empty if
    the page itself lists the findings that the rows have (`lists_findings`).
    """

    name: str
    label: Any
    button: Any
    effect: Any
    permission: str
    kinds: frozenset[str]
    build_url: Callable[[str, str], str]
    is_download: bool = False
    lists_findings: bool = False


def _build_export_url(kind: str, query_string: str) -> str:
    return f"{reverse(f'{PLURAL[kind]}-csv')}?{query_string}"


def _build_rollout_url(kind: str, query_string: str) -> str:
    del kind
    return f"{reverse('rollout-new')}?{urlencode({'devices': query_string or 'all=1'})}"


def _build_no_url(kind: str, query_string: str) -> str:
    del kind, query_string
    return ""


SELECTION_ACTS = (
    SelectionAct(
        name="export",
        label=gettext_lazy("Export as CSV"),
        button=gettext_lazy("Download CSV"),
        effect=gettext_lazy("A CSV file of these rows with the columns of your list. The audit trail records it."),
        permission="inventory.read",
        kinds=frozenset(LISTINGS),
        build_url=_build_export_url,
        is_download=True,
    ),
    SelectionAct(
        name="rollout",
        label=gettext_lazy("Start a rollout"),
        button=gettext_lazy("Continue to the rollout"),
        effect=gettext_lazy(
            "A new rollout with the rooms of these devices. You can change the rooms in the next step."
        ),
        permission="rollouts.change",
        kinds=frozenset({"device"}),
        build_url=_build_rollout_url,
    ),
    SelectionAct(
        name="findings",
        label=gettext_lazy("Findings"),
        button=gettext_lazy("Show the findings"),
        effect=gettext_lazy(
            "The open findings of these rows. Assign a finding for these rows alone, or pin it to this week’s plan."
        ),
        permission="findings.work",
        kinds=frozenset(LISTINGS),
        build_url=_build_no_url,
        lists_findings=True,
    ),
)


def list_selection_acts(kind: str, *, holds: Callable[[str], bool]) -> tuple[SelectionAct, ...]:
    """Return the acts for rows of a kind that a visitor who holds permissions may carry out."""
    return tuple(act for act in SELECTION_ACTS if kind in act.kinds and holds(act.permission))
