"""Template filters for fix files."""

from __future__ import annotations

from django import template

from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.remedies import ConsoleAction
from homeroom.library.protect.remedies import load_actions

register = template.Library()


@register.filter
def ready_actions(control: Control) -> tuple[ConsoleAction, ...]:
    """Return the bulk actions of a control for which nothing has to be chosen first."""
    actions = (load_actions().get(name) for name in control.remedies)
    return tuple(action for action in actions if action is not None and not action.asks)
