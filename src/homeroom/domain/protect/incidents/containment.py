"""Actions of a console that contain an incident: one row an account, ready to paste, with its undo beside it.

They are fix files like others: prepared, reviewed, handed out. Homeroom holds no rights to carry them out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from homeroom.domain.protect.remedies import ConsoleAction, FixChange
from homeroom.domain.spreadsheets import is_formula

MAX_ACCOUNTS_ALONE = 20
"""Accounts up to which the person who prepared a containment may review it too, unless one is an administrator's."""


@dataclass(frozen=True, kw_only=True)
class ContainmentAction(ConsoleAction):
    """An action about the accounts of an incident, whose values people take from its events.

    - `takes`: what a row needs beside the account (the id of an app, the name of a rule), in words; `value_fits` is a
      pattern of it. `restores_to` is what the undo needs, in words; empty if nothing is restored.
    - `paste` and `paste_undo`: the command of one row; `paste_undo` returns an empty text if there is none.
    - `proving_events`: events of the console's own log that prove it in a later load; empty if no log has one.
    - `look`: the command that shows whether it worked.
    """

    paste: Callable[[FixChange], str]
    paste_undo: Callable[[FixChange], str] = lambda _change: ""
    look: Callable[[FixChange], str] = lambda _change: ""
    takes: str = ""
    value_fits: str = ""
    restores_to: str = ""
    restore_fits: str = ""
    proving_events: tuple[str, ...] = ()

    def is_valid_value(self, value: str) -> bool:
        """Check whether a value can only mean one thing to the tool and to a spreadsheet."""
        if not self.takes:
            return not value
        return re.fullmatch(self.value_fits, value) is not None and not is_formula(value)

    def is_valid_restore(self, value: str) -> bool:
        """Check whether the undo can only mean one thing to the tool; without a value there is no undo."""
        return not value or (bool(self.restores_to) and re.fullmatch(self.restore_fits, value) is not None)
