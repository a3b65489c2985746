"""Words of requests, disclosures and opt-outs on pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from homeroom.domain.comply.privacy.requests import (
    IdentityProof,
    OptOutKind,
    Relation,
    RequestKind,
    RequestOutcome,
    RequestStep,
)

KINDS: Mapping[str, Any] = {
    RequestKind.ACCESS: gettext_lazy("See the records"),
    RequestKind.AMENDMENT: gettext_lazy("Correct the records"),
    RequestKind.OPT_OUT: gettext_lazy("Opt out of disclosure"),
    RequestKind.DESTRUCTION: gettext_lazy("Destroy records"),
    RequestKind.COMPLAINT: gettext_lazy("Complaint about privacy"),
}
STEPS: Mapping[str, Any] = {
    RequestStep.RECEIVED: gettext_lazy("Received"),
    RequestStep.IDENTITY: gettext_lazy("Identity checked"),
    RequestStep.SEARCHED: gettext_lazy("Records searched"),
    RequestStep.DECIDED: gettext_lazy("Decided"),
    RequestStep.ANSWERED: gettext_lazy("Answered"),
    RequestStep.CLOSED: gettext_lazy("Closed"),
    RequestStep.WITHDRAWN: gettext_lazy("Taken back"),
}
STEP_TITLES: Mapping[str, Any] = {
    RequestStep.IDENTITY: gettext_lazy("Check the identity"),
    RequestStep.SEARCHED: gettext_lazy("Search the records"),
    RequestStep.DECIDED: gettext_lazy("Decide"),
    RequestStep.ANSWERED: gettext_lazy("Answer"),
    RequestStep.CLOSED: gettext_lazy("Close"),
}
RELATIONS: Mapping[str, Any] = {
    Relation.PARENT: gettext_lazy("Parent or guardian"),
    Relation.STUDENT: gettext_lazy("The student, 18 or in college"),
    Relation.OTHER: gettext_lazy("Somebody else with the right"),
}
PROOFS: Mapping[str, Any] = {
    IdentityProof.KNOWN: gettext_lazy("Known to the school in person"),
    IdentityProof.PHOTO_ID: gettext_lazy("Photo ID"),
    IdentityProof.ACCOUNT: gettext_lazy("Signed in to the parent portal"),
    IdentityProof.SIGNATURE: gettext_lazy("Signature compared with the one on file"),
    IdentityProof.DOCUMENT: gettext_lazy("Court order or another document"),
}
OUTCOMES: Mapping[str, Any] = {
    RequestOutcome.GRANTED: gettext_lazy("Granted"),
    RequestOutcome.PARTLY: gettext_lazy("Granted in part"),
    RequestOutcome.DENIED: gettext_lazy("Denied"),
}
OPT_OUTS: Mapping[str, Any] = {
    OptOutKind.DIRECTORY: gettext_lazy("Directory information"),
    OptOutKind.MEDIA: gettext_lazy("Pictures and other media"),
}
MASKED = gettext_lazy("masked")


def list_choices(words: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the values and words of a field with choices."""
    return [(str(value), str(title)) for value, title in words.items()]


def join_opt_outs(kinds: Iterable[str]) -> str:
    """Return what is not to be disclosed, in words."""
    return ", ".join(str(OPT_OUTS.get(kind, kind)) for kind in kinds)


def get_word(words: Mapping[str, Any], value: str) -> str:
    """Return the word of a value; the value itself if it has none."""
    return str(words.get(value, value))


def hide(text: str, *, shown: bool) -> str:
    """Return a text about a person, or that it is masked."""
    return text if shown or not text else gettext("masked")
