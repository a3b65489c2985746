"""Sign-ins and directory changes of Microsoft Entra as Graph lists them, and Intune's audit log as exported.

After the reference of Microsoft Graph, resources signIn (v1.0, and beta with more fields) and directoryAudit, and of
the diagnostic settings of Intune.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogBook, LogEntry, draw_guid, format_millisecond, format_second

OFFICE: Final = ("OfficeHome", "4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome")
OUTLOOK: Final = ("Outlook Mobile", "27922004-5251-4030-b22d-91ecd9a37ea4", "Office 365 Exchange Online")
EXCHANGE: Final = ("Office 365 Exchange Online", "00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online")
TEAMS: Final = ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams Services")
PORTAL: Final = ("Azure Portal", "c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Windows Azure Service Management API")
BROKER: Final = ("Microsoft Authentication Broker", "29d9ed98-a469-4536-ade2-f981bc1d605e", "Microsoft Graph")

_REASONS: Final = {
    0: "Other.",
    50053: "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    50057: "The user account is disabled.",
    50074: "User did not pass the MFA challenge.",
    50076: "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
    "use multi-factor authentication to access this resource.",
    50126: "Error validating credentials due to invalid username or password.",
    500121: "Authentication failed during strong authentication request.",
}
Change = tuple[str, object, object]
"""(property, old value, new value) of a directory change."""


class EntraLogs:
    """Writer of Entra's and Intune's logs."""

    def __init__(self, district: FortnightDistrict, book: LogBook) -> None:
        self._district = district
        self._book = book
        self._dice = district.create_dice("entra")

    def sign_in(
        self,
        person: InventedPerson,
        at: datetime,
        connection: AccessPoint,
        *,
        app: tuple[str, str, str] = OFFICE,
        code: int = 0,
        factor: str | None = None,
        client: str = "Browser",
        protocol: str = "none",
        risk: str = "none",
        risk_events: Sequence[str] = (),
        agent: str | None = None,
        is_managed: bool = False,
    ) -> LogEntry:
        """Add a sign-in; `factor` is the outcome of the second factor, None where none was asked for.

        `code` is 0 for a success, else Entra's error code; `risk` its judgment.
        """
        key, network = draw_guid(self._dice), connection.network
        details = {"errorCode": code, "failureReason": _REASONS[code], "additionalDetails": factor}
        record: dict[str, Any] = {
            "id": key,
            "createdDateTime": f"{format_second(at)}Z",
            "userDisplayName": person.name,
            "userPrincipalName": person.email,
            "userId": person.entra_id,
            "appId": app[1],
            "appDisplayName": app[0],
            "ipAddress": connection.address,
            "clientAppUsed": client,
            "correlationId": draw_guid(self._dice),
            "conditionalAccessStatus": "success" if factor and code == 0 else "failure" if factor else "notApplied",
            "isInteractive": True,
            **self._build_risk(risk, risk_events),
            "resourceDisplayName": app[2],
            "resourceId": "00000003-0000-0000-c000-000000000000",
            "status": details,
            "deviceDetail": {
                "deviceId": "",
                "displayName": person.laptop if is_managed else "",
                "operatingSystem": person.browser.system if agent is None else "",
                "browser": person.browser.name if agent is None else "",
                "isCompliant": is_managed,
                "isManaged": is_managed,
                "trustType": "Hybrid Azure AD joined" if is_managed else "",
            },
            "location": {
                "city": network.city,
                "state": network.state,
                "countryOrRegion": network.country,
                "geoCoordinates": {"altitude": None, "latitude": None, "longitude": None},
            },
            "appliedConditionalAccessPolicies": [],
        }
        if self._district.has_beta_sign_ins:
            record |= self._build_beta_fields(
                person, connection, code=code, factor=factor, protocol=protocol, agent=agent
            )
        return self._book.add_record(("microsoft", "signIns"), at, record, keys=(key,))

    def _build_risk(self, risk: str, events: Sequence[str]) -> dict[str, Any]:
        if not self._district.has_risk_levels:
            hidden = dict.fromkeys(("riskDetail", "riskLevelAggregated", "riskLevelDuringSignIn"), "hidden")
            return {**hidden, "riskState": "none", "riskEventTypes": [], "riskEventTypes_v2": []}
        return {
            "riskDetail": "none",
            "riskLevelAggregated": risk,
            "riskLevelDuringSignIn": risk,
            "riskState": "atRisk" if risk != "none" else "none",
            "riskEventTypes": list(events),
            "riskEventTypes_v2": list(events),
        }

    def _build_beta_fields(
        self,
        person: InventedPerson,
        connection: AccessPoint,
        *,
        code: int,
        factor: str | None,
        protocol: str,
        agent: str | None,
    ) -> dict[str, Any]:
        password = {
            "authenticationMethod": "Password",
            "succeeded": code not in (50126, 50053),
            "authenticationStepRequirement": "Primary authentication",
        }
        second = {
            "authenticationMethod": "Mobile app notification",
            "succeeded": code == 0,
            "authenticationStepResultDetail": factor,
            "authenticationStepRequirement": "Secondary authentication",
        }
        is_asked = factor is not None or code in (50074, 50076)
        return {
            "authenticationRequirement": "multiFactorAuthentication" if is_asked else "singleFactorAuthentication",
            "authenticationDetails": [password, second] if factor else [password],
            "authenticationProtocol": protocol,
            "autonomousSystemNumber": connection.network.asn,
            "userAgent": person.browser.agent if agent is None else agent,
            "signInEventTypes": ["interactiveUser"],
            "userType": "member",
            "tokenIssuerType": "AzureAD",
        }

    def change_directory(
        self,
        activity: str,
        at: datetime,
        *,
        category: str,
        by: InventedPerson | str,
        connection: AccessPoint | None = None,
        target: InventedPerson | tuple[str, str],
        changes: Sequence[Change] = (),
        service: str = "Core Directory",
        operation: str = "Update",
        reason: str = "",
        details: Sequence[tuple[str, str]] = (),
    ) -> LogEntry:
        """Add a change; `by` is a person or the name of an app, `target` a person or (type, name)."""
        correlation = draw_guid(self._dice)
        key = f"Directory_{correlation}_{self._dice.getrandbits(32):08X}_{self._dice.randrange(10**8)}"
        record = {
            "id": key,
            "category": category,
            "correlationId": correlation,
            "result": "success",
            "resultReason": reason,
            "activityDisplayName": activity,
            "activityDateTime": f"{format_millisecond(at)[:-1]}0000Z",
            "loggedByService": service,
            "operationType": operation,
            "initiatedBy": self._build_initiator(by, connection),
            "targetResources": [self._build_target(target, changes)],
            "additionalDetails": [{"key": name, "value": value} for name, value in details],
        }
        return self._book.add_record(("microsoft", "directoryAudits"), at, record, keys=(key,))

    def _build_initiator(self, by: InventedPerson | str, connection: AccessPoint | None) -> dict[str, Any]:
        if isinstance(by, str):
            app = {"appId": None, "displayName": by, "servicePrincipalId": None, "servicePrincipalName": None}
            return {"user": None, "app": app}
        address = connection.address if connection else None
        user = {
            "id": by.entra_id,
            "displayName": by.name,
            "userPrincipalName": by.email,
            "ipAddress": address,
            "userType": None,
            "homeTenantId": None,
            "homeTenantName": None,
        }
        return {"app": None, "user": user}

    def _build_target(self, target: InventedPerson | tuple[str, str], changes: Sequence[Change]) -> dict[str, Any]:
        properties = [
            {"displayName": name, "oldValue": _encode(old), "newValue": _encode(new)} for name, old, new in changes
        ]
        if isinstance(target, InventedPerson):
            subject = {"id": target.entra_id, "displayName": target.name, "type": "User"}
            return {**subject, "userPrincipalName": target.email, "groupType": None, "modifiedProperties": properties}
        kind, name = target
        subject = {"id": draw_guid(self._dice), "displayName": name, "type": kind}
        return {**subject, "userPrincipalName": None, "groupType": None, "modifiedProperties": properties}

    def add_device_action(self, person: InventedPerson, at: datetime, *, action: str, device: str) -> LogEntry:
        """Add an action on a device in Intune, as its diagnostic settings export it."""
        correlation, operation = draw_guid(self._dice), f"{action} ManagedDevice"
        time = f"{format_millisecond(at)[:-1]}0000Z"
        record = {
            "time": time,
            "tenantId": self._district.tenant,
            "category": "AuditLogs",
            "operationName": operation,
            "correlationId": correlation,
            "resultType": "Success",
            "resultDescription": "None",
            "identity": person.email,
            "properties": {
                "ActivityDate": f"{at.month}/{at.day}/{at.year} {at:%I:%M:%S %p}",
                "ActivityResultStatus": 1,
                "ActivityType": 3,
                "Actor": {
                    "ActorType": 1,
                    "Application": "5926fc8e-304e-4f59-8bed-58ca97cc39a4",
                    "ApplicationName": "Microsoft Intune portal extension",
                    "IsDelegatedAdmin": False,
                    "ObjectId": person.entra_id,
                    "PartnerTenantId": "00000000-0000-0000-0000-000000000000",
                    "UPN": person.email,
                    "UserPermissions": ["*"],
                },
                "AdditionalDetails": "",
                "AuditEventId": draw_guid(self._dice),
                "Category": 0,
                "RelationId": None,
                "TargetDisplayNames": [device],
                "TargetObjectIds": [draw_guid(self._dice)],
                "Targets": [{"ModifiedProperties": [{"Name": "DeviceManagementAPIVersion", "New": "5025-08-01"}]}],
            },
        }
        return self._book.add_record(("microsoft", "intune"), at, record, keys=(f"{correlation}/{time}/{operation}",))


def _encode(value: object) -> str | None:
    """Encode a value as directory changes hold it: JSON inside a text; objects and lists are such texts already."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"))
    return json.dumps(str(value), ensure_ascii=False)
