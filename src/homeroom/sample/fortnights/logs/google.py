"""Activities of Google Workspace as the Reports API lists them.

After the Admin SDK's reference: activities.list, and the appendices of the events of login, user_accounts, admin,
drive, token, takeout and groups_enterprise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogBook, LogEntry, format_millisecond

Parameters = Mapping[str, str | bool | int | Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file in Drive."""

    key: str
    title: str
    owner: str
    kind: str = "document"
    visibility: str = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app that asks for access to accounts."""

    client: str
    name: str
    scopes: tuple[str, ...]


class GoogleLogs:
    """Writer of Google's logs."""

    def __init__(self, district: FortnightDistrict, book: LogBook) -> None:
        self._district = district
        self._book = book
        self._dice = district.create_dice("google")

    def add_activity(
        self,
        app: str,
        at: datetime,
        person: InventedPerson,
        events: Sequence[tuple[str, str, Parameters]],
        *,
        connection: AccessPoint | None,
    ) -> LogEntry:
        """Add an activity with its events, each (type, name, parameters)."""
        time, qualifier = format_millisecond(at), str(self._dice.randrange(-(2**63), 2**63))
        record: dict[str, Any] = {
            "kind": "admin#reports#activity",
            "id": {
                "time": time,
                "uniqueQualifier": qualifier,
                "applicationName": app,
                "customerId": self._district.customer,
            },
            "etag": f'"{self._dice.getrandbits(96):024x}"',
            "actor": {"callerType": "USER", "email": person.email, "profileId": person.profile},
        }
        if connection:
            record["ipAddress"] = connection.address
            network = connection.network
            record["networkInfo"] = {
                "ipAsn": [network.asn],
                "regionCode": network.country,
                **({"subdivisionCode": network.subdivision} if network.subdivision else {}),
            }
        record["events"] = [
            {"type": kind, "name": name, **_build_parameters(parameters)} for kind, name, parameters in events
        ]
        keys = tuple(f"{time}/{app}/{qualifier}/{number}" for number in range(len(events)))
        return self._book.add_record(("google", app), at, record, keys=keys)

    def sign_in(
        self,
        person: InventedPerson,
        at: datetime,
        connection: AccessPoint,
        *,
        challenge: str | None = None,
        is_suspicious: bool = False,
        kind: str = "google_password",
    ) -> LogEntry:
        """Add a successful sign-in; with a second factor, `challenge` names its method."""
        methods = ["password", *([challenge] if challenge else [])]
        success: Parameters = {
            "login_type": kind,
            "login_challenge_method": methods,
            "is_second_factor": bool(challenge),
            "is_suspicious": is_suspicious,
        }
        return self.add_activity("login", at, person, [("login", "login_success", success)], connection=connection)

    def fail_sign_in(self, person: InventedPerson, at: datetime, connection: AccessPoint) -> LogEntry:
        """Add a sign-in that failed for a wrong password."""
        failure: Parameters = {"login_type": "google_password", "login_challenge_method": ["password"]}
        return self.add_activity("login", at, person, [("login", "login_failure", failure)], connection=connection)

    def add_account_event(
        self,
        person: InventedPerson,
        at: datetime,
        connection: AccessPoint,
        *,
        kind: str,
        name: str,
        parameters: Parameters | None = None,
    ) -> LogEntry:
        """Add a change that a person made to the own account: password, recovery, second factor, forwarding."""
        return self.add_activity("user_accounts", at, person, [(kind, name, parameters or {})], connection=connection)

    def add_admin_event(
        self,
        person: InventedPerson,
        at: datetime,
        connection: AccessPoint,
        *,
        kind: str,
        name: str,
        parameters: Parameters,
    ) -> LogEntry:
        """Add a change that an administrator made."""
        return self.add_activity("admin", at, person, [(kind, name, parameters)], connection=connection)

    def use_document(
        self, person: InventedPerson, at: datetime, connection: AccessPoint, document: Document, *, name: str
    ) -> LogEntry:
        """Add a view, edit, creation or download."""
        event = ("access", name, self._describe(document, owner=document.owner))
        return self.add_activity("drive", at, person, [event], connection=connection)

    def share_document(
        self, person: InventedPerson, at: datetime, connection: AccessPoint, document: Document, *, target: str
    ) -> LogEntry:
        """Add sharing with one account."""
        is_outside = not target.endswith(f"@{self._district.domain}")
        parameters: Parameters = {
            **self._describe(document, owner=document.owner),
            "visibility": "shared_externally" if is_outside else "shared_internally",
            "visibility_change": "external" if is_outside else "internal",
            "old_visibility": document.visibility,
            "target_user": target,
            "old_value": ["none"],
            "new_value": ["can_view"],
        }
        event = ("acl_change", "change_user_access", parameters)
        return self.add_activity("drive", at, person, [event], connection=connection)

    def publish_document(
        self, person: InventedPerson, at: datetime, connection: AccessPoint, document: Document, *, in_domain: bool
    ) -> LogEntry:
        """Add opening by a link: to the domain, or to everybody; two events, as Drive reports it."""
        visibility = "people_within_domain_with_link" if in_domain else "people_with_link"
        shared: Parameters = {
            **self._describe(document, owner=document.owner),
            "visibility": visibility,
            "visibility_change": "internal" if in_domain else "external",
            "old_visibility": document.visibility,
            "target_domain": self._district.domain if in_domain else "all",
        }
        scope = (
            "acl_change",
            "change_document_access_scope",
            {**shared, "old_value": ["none"], "new_value": ["can_view"]},
        )
        change = (
            "acl_change",
            "change_document_visibility",
            {**shared, "old_value": [document.visibility], "new_value": [visibility]},
        )
        return self.add_activity("drive", at, person, [scope, change], connection=connection)

    def _describe(self, document: Document, *, owner: str) -> dict[str, str | bool | int | Sequence[str]]:
        return {
            "primary_event": True,
            "billable": True,
            "doc_id": document.key,
            "doc_title": document.title,
            "doc_type": document.kind,
            "owner": owner,
            "owner_is_shared_drive": False,
            "owner_is_team_drive": False,
            "originating_app_id": "691301496089",
            "visibility": document.visibility,
        }

    def authorize_app(self, person: InventedPerson, at: datetime, connection: AccessPoint, app: App) -> LogEntry:
        """Add consent to an app."""
        parameters: Parameters = {
            "client_id": app.client,
            "app_name": app.name,
            "client_type": "WEB",
            "scope": list(app.scopes),
        }
        return self.add_activity("token", at, person, [("auth", "authorize", parameters)], connection=connection)

    def call_api(
        self,
        person: InventedPerson,
        at: datetime,
        app: App,
        *,
        api: str,
        method: str,
        size: int,
        connection: AccessPoint | None,
    ) -> LogEntry:
        """Add a call that an app made with an account's consent."""
        parameters: Parameters = {
            "client_id": app.client,
            "app_name": app.name,
            "client_type": "WEB",
            "api_name": api,
            "method_name": method,
            "num_response_bytes": size,
            "product_bucket": "GMAIL" if api == "gmail" else "DRIVE",
        }
        return self.add_activity("token", at, person, [("auth", "activity", parameters)], connection=connection)

    def use_single_sign_on(
        self, person: InventedPerson, at: datetime, access: AccessPoint, *, service: str
    ) -> LogEntry:
        """Add a sign-in to a service that trusts Google, by SAML."""
        parameters: Parameters = {
            "orgunit_path": person.unit,
            "initiated_by": "sp",
            "application_name": service,
            "saml_status_code": "SUCCESS_URI",
        }
        return self.add_activity("saml", at, person, [("login", "login_success", parameters)], connection=access)

    def take_out(self, person: InventedPerson, at: datetime, connection: AccessPoint, *, name: str) -> LogEntry:
        """Add an export of an account's own data, by Takeout."""
        parameters: Parameters = {
            "USER_EMAIL": person.email,
            "INITIATED_BY": person.email,
            "PRODUCTS_REQUESTED": "Drive, Mail, Contacts",
            "TAKEOUT_DESTINATION": "EMAIL",
            "TAKEOUT_ID": f"{self._dice.getrandbits(64):016x}",
            "TAKEOUT_STATUS": "COMPLETED",
        }
        return self.add_activity("takeout", at, person, [("USER_TAKEOUT", name, parameters)], connection=connection)

    def draw_document(
        self, person: InventedPerson, dice: Random, *, title: str = "", visibility: str = "private"
    ) -> Document:
        """Draw a file of a person."""
        subject = dice.choice(
            ("Unit plan", "Quiz", "Seating chart", "Lab report", "Field trip", "Reading log", "Minutes")
        )
        return Document(
            key=f"1{dice.getrandbits(160):040x}",
            title=title or f"{subject} {dice.randint(1, 40)}",
            owner=person.email,
            kind=dice.choice(("document", "spreadsheet", "presentation", "pdf")),
            visibility=visibility,
        )


def _build_parameters(parameters: Parameters) -> dict[str, Any]:
    if not parameters:
        return {}
    return {"parameters": [{"name": name, **_build_value(value)} for name, value in parameters.items()]}


def _build_value(value: str | bool | int | Sequence[str]) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, str):
        return {"value": value}
    return {"multiValue": list(value)}
