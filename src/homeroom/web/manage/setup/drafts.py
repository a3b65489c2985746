"""What somebody typed into a step before going back, kept in the session until the step is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homeroom.web.shared.access import DistrictRequest

Answers = Mapping[str, Sequence[str]]
MAX_CHARACTERS = 20_000
"""A longer draft is not kept: a session is read with every page."""
_SESSION_KEY = "setup-drafts"
_NOT_ANSWERS = frozenset({"csrfmiddlewaretoken", "back"})


def keep_draft(request: DistrictRequest, step: str, answers: Answers) -> None:
    """Keep what was typed into a step of the visitor's district."""
    typed = {name: list(values) for name, values in answers.items() if name not in _NOT_ANSWERS}
    if sum(len(value) for values in typed.values() for value in values) > MAX_CHARACTERS:
        return
    drafts = request.session.get(_SESSION_KEY, {})
    request.session[_SESSION_KEY] = {**drafts, _name_draft(request, step): typed}


def find_draft(request: DistrictRequest, step: str) -> Answers | None:
    """Return what was typed into a step and not saved, or None."""
    draft: Answers | None = request.session.get(_SESSION_KEY, {}).get(_name_draft(request, step))
    return draft


def drop_draft(request: DistrictRequest, step: str) -> None:
    """Remove the draft of a step, once it is saved."""
    drafts = dict(request.session.get(_SESSION_KEY, {}))
    if drafts.pop(_name_draft(request, step), None) is not None:
        request.session[_SESSION_KEY] = drafts


def _name_draft(request: DistrictRequest, step: str) -> str:
    return f"{request.visit.district.pk} {step}"
