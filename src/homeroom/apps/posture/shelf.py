"""What this installation judges by, by id: its controls, and its policies over tenant settings, which are findings like any other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from homeroom.domain.controls import Control, Effort
from homeroom.domain.states import Severity
from homeroom.engines.baselines.policies import Policy
from homeroom.library.baselines import policies
from homeroom.library.controls import controls

SETTINGS = "settings"
"""The area of policies."""
PLACE = "place"
"""What a policy's subjects are: the units, groups or elements of a tenant, or the tenant itself."""


@cache
def shelf() -> Mapping[str, Control]:
    """Every shipped control and every policy that documents can show, by id, read once a process."""
    return {control.id: control for control in (*controls(), *policy_controls())}


@cache
def policy_controls() -> tuple[Control, ...]:
    """Every policy that documents can show, as a control over places. What only a person can see is asked of a person."""
    return tuple(_as_control(one) for one in policies() if one.requires is not None)


def control_of(control: str, *, severity: str = Severity.MEDIUM) -> Control:
    """The control of that id; for one that is not shipped any more, its id as the title and the severity it had."""
    return shelf().get(control) or Control(
        id=control,
        area="",
        title=control,
        severity=Severity(severity),
        asks="",
        because="",
        fix={},
        effort=Effort(minutes_per_subject=0, minutes_once=0),
    )


def _as_control(policy: Policy) -> Control:
    """A setting is changed once for however many units have it, so that its minutes are all set-up."""
    return Control(
        id=policy.id,
        area=SETTINGS,
        title=policy.title,
        severity=policy.severity,
        asks="setting_records",
        because=policy.because,
        fix={policy.suite: policy.fix},
        effort=Effort(minutes_per_subject=0, minutes_once=policy.minutes),
        satisfies=policy.satisfies,
        subject=PLACE,
    )
