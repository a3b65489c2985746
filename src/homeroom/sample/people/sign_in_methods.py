"""Authentication methods of employees at Microsoft, and which of them need a better one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from homeroom.sample.plan.staff import Employee
from homeroom.sample.truth.ground_truth import GroundTruth, RecordRef

_USUAL: Final = ("microsoftAuthenticatorPush", "softwareOneTimePasscode")
_PHONE: Final = ("mobilePhone",)
_BOTH: Final = ("mobilePhone", "microsoftAuthenticatorPush")
_KEY: Final = ("microsoftAuthenticatorPush", "fido2SecurityKey")


@dataclass(kw_only=True)
class SignInMethods:
    """Assigns methods, and counts the employees without any other case."""

    truth: GroundTruth
    _plain_count: int = 0

    def assign_methods(self, person: Employee, records: list[RecordRef]) -> tuple[str, ...]:
        """Return the methods of one employee with a record at Microsoft; empty without a second factor."""
        if not person.entra:
            return ()
        if person.case == "entra-admin":
            return self._assign_to_administrator(person, records)
        if person.case:
            return _USUAL
        turn, self._plain_count = self._plain_count % 60, self._plain_count + 1
        if turn == 0:
            self.truth.add_failure("second-factor-not-phone", records)
            return _PHONE
        if turn == 1:
            reason = "A text message, but an app as well."
            self.truth.add_look_alike("phone-and-app", "second-factor-not-phone", reason, records)
            return _BOTH
        return _USUAL

    def _assign_to_administrator(self, person: Employee, records: list[RecordRef]) -> tuple[str, ...]:
        if person.turn % 3 == 1:
            self.truth.add_look_alike("key", "admin-phishing-resistant", "A security key besides the app.", records)
            return _KEY
        self.truth.add_failure("admin-phishing-resistant", records)
        return _USUAL
