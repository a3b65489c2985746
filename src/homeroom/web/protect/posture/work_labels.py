"""Labels for the work on findings: states, acts, and what an act will do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.protect.finding_work.commands import ASSIGN, FINISH, FROM_FIX, FROM_PLAN, NOTE, REOPEN, SNOOZE, START
from homeroom.apps.protect.finding_work.queries import WorkEntry
from homeroom.apps.protect.finding_work.row_filter import ACCEPTED, MINE
from homeroom.apps.protect.finding_work.states import DONE, IN_PROGRESS, OPEN, REOPENED, SNOOZED, WorkState
from homeroom.web.templatetags.homeroom import counted

ACCEPT = "accept"
"""The act of accepting the risk, which is an exception and no state of the work."""
ACT_BUTTONS = {
    START: gettext_lazy("Start"),
    ASSIGN: gettext_lazy("Assign"),
    NOTE: gettext_lazy("Add a note"),
    FINISH: gettext_lazy("Mark done"),
    SNOOZE: gettext_lazy("Snooze"),
    REOPEN: gettext_lazy("Reopen"),
    ACCEPT: gettext_lazy("Accept risk"),
}
RESULTS = {
    START: gettext_lazy("Started. It is assigned to you and in progress."),
    ASSIGN: gettext_lazy("Assigned."),
    NOTE: gettext_lazy("Note added."),
    FINISH: gettext_lazy("Marked done. We’ll confirm with the next data load."),
    SNOOZE: gettext_lazy("Snoozed."),
    REOPEN: gettext_lazy("Reopened."),
    ACCEPT: gettext_lazy("Risk accepted. The numbers change with the next data load."),
}
ENTRY_WORDS = {
    START: gettext_lazy("started"),
    ASSIGN: gettext_lazy("assigned"),
    NOTE: gettext_lazy("noted"),
    FINISH: gettext_lazy("marked done"),
    SNOOZE: gettext_lazy("snoozed"),
    REOPEN: gettext_lazy("reopened"),
}
CURRENT_WORDS = {
    IN_PROGRESS: (gettext_lazy("%(count)s is in progress."), gettext_lazy("%(count)s are in progress.")),
    DONE: (gettext_lazy("%(count)s is marked done already."), gettext_lazy("%(count)s are marked done already.")),
    SNOOZED: (gettext_lazy("%(count)s is snoozed."), gettext_lazy("%(count)s are snoozed.")),
}

FILTER_LABELS = {
    "": gettext_lazy("All rows"),
    OPEN: gettext_lazy("Open"),
    IN_PROGRESS: gettext_lazy("In progress"),
    MINE: gettext_lazy("Mine"),
    DONE: gettext_lazy("Done"),
    SNOOZED: gettext_lazy("Snoozed"),
    ACCEPTED: gettext_lazy("Risk accepted"),
}


def list_filter_links(address: str, *, work: str) -> list[tuple[str, str, bool]]:
    """Return (label, address, whether it is the current one) of each filter of a page by work."""
    return [
        (str(label), f"{address}?{urlencode({'work': name})}#rows" if name else f"{address}#rows", name == work)
        for name, label in FILTER_LABELS.items()
    ]


def describe_state(state: WorkState, people: Mapping[str, str]) -> str:
    """Describe the state of the work in a few words: "In progress, Ruth Ondaatje"; empty if nobody has touched it."""
    person = people.get(state.person, state.person)
    words = {
        IN_PROGRESS: gettext("In progress"),
        DONE: gettext("Done, not confirmed yet"),
        SNOOZED: gettext("Snoozed until %(day)s") % {"day": date_format(state.until, "M j, Y") if state.until else ""},
        REOPENED: gettext("Reopened: still failing"),
    }.get(state.state, gettext("Assigned") if person else "")
    return ", ".join(filter(None, (words, person)))


def describe_line_state(state: WorkState) -> str:
    """Describe the state of work that somebody has, without who it is: "In progress", "Not started"."""
    return describe_state(replace(state, person=""), {}) or gettext("Not started")


def describe_acceptance(until: date) -> str:
    """Describe that the risk of a row is accepted."""
    return gettext("Risk accepted until %(day)s") % {"day": _format_day(until)}


def describe_rows(count: int, *, is_entire: bool) -> str:
    """Describe what an act covers: "12 rows", or "the finding, 59 rows"."""
    rows = ngettext("%(count)s row", "%(count)s rows", count) % {"count": counted(count)}
    return gettext("the entire finding (%(rows)s)") % {"rows": rows} if is_entire else rows


def describe_effect(act: str, *, rows: str) -> list[str]:
    """Describe what an act will do, a sentence each."""
    sentences = {
        START: [
            gettext("Assigns %(rows)s to you and marks them in progress."),
        ],
        ASSIGN: [gettext("Assigns %(rows)s to the person you choose. They see it on the finding.")],
        NOTE: [gettext("Adds your note to the history of %(rows)s. Nothing else changes.")],
        FINISH: [
            gettext("Marks %(rows)s done, here and in the Plan."),
            gettext("The next data load confirms it. What still fails then is reopened."),
        ],
        SNOOZE: [
            gettext("Hides %(rows)s from Today and the Plan until the day you choose. The score does not change."),
        ],
        REOPEN: [gettext("Marks %(rows)s open again. Nobody’s notes are lost.")],
        ACCEPT: [
            gettext("Accepts the risk of %(rows)s until the day you choose. The score does not count them as failing."),
        ],
    }[act]
    return [text % {"rows": rows} for text in sentences]


def describe_current(states: Sequence[WorkState], people: Mapping[str, str], *, actor: str) -> list[str]:
    """Describe what is set already on the rows that an act covers, so that nobody overwrites others' work unseen."""
    sentences = []
    by_person: dict[str, int] = {}
    for state in states:
        if state.person and state.person != actor:
            by_person[state.person] = by_person.get(state.person, 0) + 1
    for person, count in sorted(by_person.items()):
        text = ngettext("%(count)s is assigned to %(name)s now.", "%(count)s are assigned to %(name)s now.", count)
        sentences.append(text % {"count": counted(count), "name": people.get(person, person)})
    for name, texts in CURRENT_WORDS.items():
        if count := sum(state.state == name for state in states):
            sentences.append(str(texts[count > 1]) % {"count": counted(count)})
    return sentences


def describe_entry(entry: WorkEntry, people: Mapping[str, str]) -> str:
    """Describe one act of the history: "Ruth Ondaatje snoozed 3 rows until Dec 12, 2026"."""
    by = people.get(entry.by, entry.by) or gettext("Homeroom")
    rows = ngettext("%(count)s row", "%(count)s rows", len(entry.subjects)) % {"count": counted(len(entry.subjects))}
    words = [by, str(ENTRY_WORDS[entry.act]), rows if entry.subjects else ""]
    if entry.person and entry.act == ASSIGN:
        words.append(gettext("to %(name)s") % {"name": people.get(entry.person, entry.person)})
    if entry.until:
        words.append(gettext("until %(day)s") % {"day": _format_day(entry.until)})
    if entry.minutes:
        words.append(gettext("in %(count)s min") % {"count": counted(entry.minutes)})
    origin = {FROM_PLAN: gettext("in the Plan"), FROM_FIX: gettext("by a fix file")}.get(entry.origin, "")
    return " ".join(filter(None, (*words, origin)))


def _format_day(day: date) -> str:
    return date_format(day, "M j, Y")
