"""How employees prove themselves at Microsoft besides their password, and which of them ought to in another way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from homeroom.sample.people import Employee
from homeroom.sample.truth import Ref, Truth

_USUAL: Final = ("microsoftAuthenticatorPush", "softwareOneTimePasscode")
_PHONE: Final = ("mobilePhone",)
_BOTH: Final = ("mobilePhone", "microsoftAuthenticatorPush")
_KEY: Final = ("microsoftAuthenticatorPush", "fido2SecurityKey")


@dataclass(kw_only=True)
class Methods:
    """Gives out methods, counting employees of whom nothing else is special."""

    truth: Truth
    _plain: int = 0

    def of(self, person: Employee, records: list[Ref]) -> tuple[str, ...]:
        """The methods of one employee who has a record at Microsoft; empty without a second factor."""
        if not person.entra:
            return ()
        if person.case == "entra-admin":
            return self._administrator(person, records)
        if person.case:
            return _USUAL
        turn, self._plain = self._plain % 60, self._plain + 1
        if turn == 0:
            self.truth.fails("second-factor-not-phone", records)
            return _PHONE
        if turn == 1:
            why = "A text message, but an app as well."
            self.truth.innocent("phone-and-app", "second-factor-not-phone", why, records)
            return _BOTH
        return _USUAL

    def _administrator(self, person: Employee, records: list[Ref]) -> tuple[str, ...]:
        if person.turn % 3 == 1:
            self.truth.innocent("key", "admin-phishing-resistant", "A security key besides the app.", records)
            return _KEY
        self.truth.fails("admin-phishing-resistant", records)
        return _USUAL
