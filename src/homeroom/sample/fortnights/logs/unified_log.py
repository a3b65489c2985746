"""The unified audit log of Microsoft 365 as the Office 365 Management Activity API returns it.

After the schema's reference: common, Exchange admin, Exchange mailbox, SharePoint and Azure Active Directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogBook, LogEntry, draw_guid, format_second

_LOG = ("microsoft", "unified")


class UnifiedLog:
    """Writer of the unified audit log."""

    def __init__(self, district: FortnightDistrict, book: LogBook) -> None:
        self._district = district
        self._book = book
        self._dice = district.create_dice("unified")

    def _add(
        self,
        operation: str,
        at: datetime,
        person: InventedPerson,
        *,
        kind: int,
        workload: str,
        result: str,
        **fields: Any,
    ) -> LogEntry:
        key = draw_guid(self._dice)
        record = {
            "CreationTime": format_second(at),
            "Id": key,
            "Operation": operation,
            "OrganizationId": self._district.tenant,
            "RecordType": kind,
            "ResultStatus": result,
            "UserKey": f"{person.profile[1:17]}",
            "UserType": 0,
            "Version": 1,
            "Workload": workload,
            "UserId": person.email,
            **fields,
        }
        return self._book.add_record(_LOG, at, record, keys=(key,))

    def sign_in(
        self, person: InventedPerson, at: datetime, connection: AccessPoint, *, is_success: bool = True, error: str = ""
    ) -> LogEntry:
        """Add a sign-in as Entra reports it here."""
        properties = [
            {"Name": "ResultStatusDetail", "Value": "Success" if is_success else "UserError"},
            {"Name": "UserAgent", "Value": person.browser.agent},
            {"Name": "RequestType", "Value": "OAuth2:Authorize"},
        ]
        fields: dict[str, Any] = {
            "ClientIP": connection.address,
            "ObjectId": "4765445b-32c6-49b0-83e6-1d93765276ca",
            "AzureActiveDirectoryEventType": 1,
            "ExtendedProperties": properties,
            "ModifiedProperties": [],
            "Actor": [{"ID": person.entra_id, "Type": 0}, {"ID": person.email, "Type": 5}],
            "ActorContextId": self._district.tenant,
            "ActorIpAddress": connection.address,
            "InterSystemsId": draw_guid(self._dice),
            "IntraSystemId": draw_guid(self._dice),
            "Target": [{"ID": "Unknown", "Type": 0}],
            "TargetContextId": self._district.tenant,
            "ApplicationId": "4765445b-32c6-49b0-83e6-1d93765276ca",
            "DeviceProperties": [
                {"Name": "OS", "Value": person.browser.system},
                {"Name": "SessionId", "Value": draw_guid(self._dice)},
            ],
            "ErrorNumber": "0" if is_success else "50126",
        }
        if not is_success:
            fields["LogonError"] = error or "InvalidUserNameOrPassword"
        operation = "UserLoggedIn" if is_success else "UserLoginFailed"
        result = "Success" if is_success else "Failed"
        return self._add(operation, at, person, kind=15, workload="AzureActiveDirectory", result=result, **fields)

    def run_exchange_command(
        self,
        person: InventedPerson,
        at: datetime,
        connection: AccessPoint,
        *,
        command: str,
        target: str,
        parameters: Mapping[str, str],
    ) -> LogEntry:
        """Add a command that changed Exchange: a mailbox rule, forwarding, a permission."""
        fields: dict[str, Any] = {
            "ClientIP": f"{connection.address}:{self._dice.randint(20_000, 60_000)}",
            "ObjectId": target,
            "ExternalAccess": False,
            "OrganizationName": f"{self._district.domain.split('.')[0]}.onmicrosoft.example",
            "OriginatingServer": "BN8PR01MB0001 (15.20.9253.011)",
            "Parameters": [{"Name": name, "Value": value} for name, value in parameters.items()],
            "SessionId": draw_guid(self._dice),
        }
        return self._add(command, at, person, kind=1, workload="Exchange", result="True", **fields)

    def use_mailbox(
        self, person: InventedPerson, at: datetime, connection: AccessPoint, *, operation: str, subject: str = ""
    ) -> LogEntry:
        """Add mail read (MailItemsAccessed) or sent (Send)."""
        fields: dict[str, Any] = {
            "ClientIPAddress": connection.address,
            "ClientInfoString": "Client=OWA;Action=ViaProxy",
            "ExternalAccess": False,
            "InternalLogonType": 0,
            "LogonType": 0,
            "LogonUserSid": f"{self._district.domain_sid}-{person.sid_number}",
            "MailboxGuid": person.entra_id,
            "MailboxOwnerUPN": person.email,
            "OrganizationName": f"{self._district.domain.split('.')[0]}.onmicrosoft.example",
            "SessionId": draw_guid(self._dice),
        }
        if operation == "MailItemsAccessed":
            fields["OperationProperties"] = [
                {"Name": "MailAccessType", "Value": "Bind"},
                {"Name": "IsThrottled", "Value": "False"},
            ]
            fields["OperationCount"] = self._dice.randint(1, 9)
            kind = 50
        else:
            kind = 2
            identity = f"<{draw_guid(self._dice)}@mail.example>"
            fields["Item"] = {
                "InternetMessageId": identity,
                "Subject": subject or "Re: schedule",
                "SizeInBytes": 21_000,
            }
            fields["SaveToSentItems"] = True
        return self._add(operation, at, person, kind=kind, workload="Exchange", result="Succeeded", **fields)

    def use_file(
        self,
        person: InventedPerson,
        at: datetime,
        connection: AccessPoint,
        *,
        operation: str,
        name: str,
        folder: str = "Documents",
    ) -> LogEntry:
        """Add access to a file in OneDrive."""
        site = f"https://{self._district.domain.split('.')[0]}-my.sharepoint.example/personal/{person.sam}"
        fields: dict[str, Any] = {
            "ClientIP": connection.address,
            "ObjectId": f"{site}/{folder}/{name}",
            "CorrelationId": draw_guid(self._dice),
            "EventSource": "SharePoint",
            "ItemType": "File",
            "ListId": draw_guid(self._dice),
            "Site": draw_guid(self._dice),
            "SiteUrl": f"{site}/",
            "SourceFileExtension": name.rpartition(".")[2],
            "SourceFileName": name,
            "SourceRelativeUrl": folder,
            "UserAgent": person.browser.agent,
        }
        return self._add(operation, at, person, kind=6, workload="OneDrive", result="Succeeded", **fields)
