"""The controls that this installation ships, by id; and what to show for one that was judged once and is gone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from homeroom.domain.controls import Control, Effort
from homeroom.domain.states import Severity
from homeroom.library.controls import controls


@cache
def shelf() -> Mapping[str, Control]:
    """Every shipped control by id, read once a process."""
    return {control.id: control for control in controls()}


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
