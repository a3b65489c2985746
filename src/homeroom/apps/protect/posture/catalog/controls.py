"""Control registry by id: the built-in controls and the policies over tenant settings, which are findings too."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from homeroom.domain.problem_texts import ProblemText
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control, Effort
from homeroom.engines.protect.baselines.policies import BaselinePolicy
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.controls import load_controls

SETTINGS = "settings"
"""The area of policies."""
PLACE = "place"
"""Subject kind of policies: the units, groups or elements of a tenant, or the tenant itself."""


@cache
def load_all_controls() -> Mapping[str, Control]:
    """Return every built-in control and every policy that documents can show, by id, read once per process."""
    return {control.id: control for control in (*load_controls(), *list_policy_controls())}


@cache
def list_policy_controls() -> tuple[Control, ...]:
    """Return every policy that documents can show as a control over tenant targets.

    Policies that only a person can check are not included.
    """
    return tuple(_convert_policy(policy) for policy in load_policies() if policy.requires is not None)


def list_areas() -> frozenset[str]:
    """Return the areas of the controls and policies that are shipped today."""
    return frozenset(control.area for control in load_all_controls().values() if control.area)


def list_area_controls(area: str) -> tuple[str, ...]:
    """Return the ids of the controls and policies of an area that are shipped today."""
    return tuple(control.id for control in load_all_controls().values() if control.area == area)


def get_control(control: str, *, severity: str = Severity.MEDIUM) -> Control:
    """Return the control with an id; for one not shipped any more, its id as the title and its last severity."""
    return load_all_controls().get(control) or Control(
        id=control,
        area="",
        title=control,
        severity=Severity(severity),
        asks="",
        because="",
        fix={},
        effort=Effort(minutes_per_subject=0, minutes_once=0),
    )


def _convert_policy(policy: BaselinePolicy) -> Control:
    """Convert a policy to a control.

    A setting is changed once for all units that have it, so that its minutes are all set-up.
    """
    return Control(
        id=policy.id,
        area=SETTINGS,
        title=policy.title,
        problem=ProblemText(singular=policy.problem, plural=policy.problem) if policy.problem else None,
        severity=policy.severity,
        asks="setting_records",
        because=policy.because,
        fix={policy.suite: policy.fix},
        effort=Effort(minutes_per_subject=0, minutes_once=policy.minutes),
        satisfies=policy.satisfies,
        subject=PLACE,
    )
