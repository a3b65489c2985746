"""Rights over records that parents and eligible students use, and the steps of each from the letter to the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RequestKind(StrEnum):
    """A right over records (34 CFR 99.10, 99.20, 99.37; 8 NYCRR 121.4 for complaints)."""

    ACCESS = "access"
    AMENDMENT = "amendment"
    OPT_OUT = "opt-out"
    DESTRUCTION = "destruction"
    COMPLAINT = "complaint"


class RequestStep(StrEnum):
    """A step of a request. `withdrawn` ends it instead of an answer."""

    RECEIVED = "received"
    IDENTITY = "identity"
    SEARCHED = "searched"
    DECIDED = "decided"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class RequestOutcome(StrEnum):
    """What became of a request."""

    GRANTED = "granted"
    PARTLY = "partly"
    DENIED = "denied"


class Relation(StrEnum):
    """Who asks: a parent has the rights until the student is 18 or in college, then the student has them."""

    PARENT = "parent"
    STUDENT = "student"
    OTHER = "other"


class IdentityProof(StrEnum):
    """How it was checked that the one who asks has the right."""

    KNOWN = "known"
    PHOTO_ID = "photo-id"
    ACCOUNT = "account"
    SIGNATURE = "signature"
    DOCUMENT = "document"


class OptOutKind(StrEnum):
    """What a family keeps from being disclosed: directory information, or pictures and other media."""

    DIRECTORY = "directory"
    MEDIA = "media"


_FIRST, _LAST = (RequestStep.RECEIVED, RequestStep.IDENTITY), (RequestStep.ANSWERED, RequestStep.CLOSED)
STEPS: Mapping[RequestKind, tuple[RequestStep, ...]] = {
    RequestKind.ACCESS: (*_FIRST, RequestStep.SEARCHED, *_LAST),
    RequestKind.AMENDMENT: (*_FIRST, RequestStep.DECIDED, *_LAST),
    RequestKind.OPT_OUT: (*_FIRST, *_LAST),
    RequestKind.DESTRUCTION: (*_FIRST, RequestStep.SEARCHED, RequestStep.DECIDED, *_LAST),
    RequestKind.COMPLAINT: (*_FIRST, RequestStep.DECIDED, *_LAST),
}
"""The steps of each kind, in order."""
MOMENTS: Mapping[RequestKind, str] = {RequestKind.COMPLAINT: "complained"}
"""The moment of laws that a kind is, where it is not `requested`."""
REQUESTED = "requested"
ENDED = (RequestStep.CLOSED, RequestStep.WITHDRAWN)


class StepRefused(ValueError):
    """A step is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class StepForm:
    """A step as somebody typed it. `day` is when it was done, as YYYY-MM-DD; empty for today."""

    step: str
    text: str = ""
    day: str = ""
    proof: str = ""
    student: str = ""
    outcome: str = ""


def find_next_step(kind: RequestKind, step: RequestStep) -> RequestStep | None:
    """Return the step after one; None after the last and after a withdrawal."""
    steps = STEPS[kind]
    if step not in steps:
        return None
    position = steps.index(step) + 1
    return steps[position] if position < len(steps) else None


def list_open_steps(kind: RequestKind, step: RequestStep) -> tuple[RequestStep, ...]:
    """Return the steps that may be taken after one: the next, and withdrawal; none once a request has ended."""
    following = find_next_step(kind, step)
    return () if following is None else (following, RequestStep.WITHDRAWN)


def check_step(kind: RequestKind, step: RequestStep, form: StepForm) -> RequestStep:
    """Return the step that a form takes after `step`. Raise StepRefused with what would fit."""
    open_steps = list_open_steps(kind, step)
    if not open_steps:
        raise StepRefused("step", f"the request is {step}; a new request would fit")
    if form.step not in open_steps:
        raise StepRefused("step", f"{form.step!r} does not come after {step}; {' or '.join(open_steps)} would fit")
    taken = RequestStep(form.step)
    if taken is RequestStep.IDENTITY and form.proof not in set(IdentityProof):
        raise StepRefused("proof", f"how the identity was checked is missing; {', '.join(IdentityProof)} would fit")
    if taken is RequestStep.DECIDED and form.outcome not in set(RequestOutcome):
        raise StepRefused("outcome", f"what was decided is missing; {', '.join(RequestOutcome)} would fit")
    if needs_text(taken, form.outcome) and not form.text.strip():
        raise StepRefused("text", _TEXTS[taken])
    return taken


def needs_text(step: RequestStep, outcome: str = "") -> bool:
    """Check whether a step needs a sentence: a decision that does not grant all, an answer, a withdrawal."""
    return step in (RequestStep.ANSWERED, RequestStep.WITHDRAWN) or (
        step is RequestStep.DECIDED and outcome != RequestOutcome.GRANTED
    )


_TEXTS = {
    RequestStep.DECIDED: "why not all of it was granted would fit, in a sentence",
    RequestStep.ANSWERED: "how the answer went out would fit, such as: shown at the office",
    RequestStep.WITHDRAWN: "who took it back, and why, would fit",
}
