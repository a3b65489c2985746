"""Windows events as evtx_dump writes them, one JSON document a line.

After Microsoft's reference of the security audit events, and of the events of the service manager and of Defender.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeroom.sample.fortnights.district.computers import Computer
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogBook, LogEntry, LogName, draw_guid

SECURITY: Final = "Security"
SYSTEM: Final = "System"
DEFENDER: Final = "Microsoft-Windows-Windows Defender/Operational"
_SECURITY_PROVIDER: Final = ("Microsoft-Windows-Security-Auditing", "54849625-5478-4994-A5BA-3E3B0328C30D")
_NAMESPACE: Final = "http://schemas.microsoft.com/win/2004/08/events/event"
_LOG_NAMESPACE: Final = "http://manifests.microsoft.com/win/2004/08/windows/eventlog"
_TASKS: Final = {4624: 12544, 4625: 12544, 4672: 12548, 4688: 13312, 4769: 14337, 4768: 14339, 4662: 14080, 5145: 12811}
_CHANGES: Final = "0x100"
REPLICATE_CHANGES: Final = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
REPLICATE_ALL: Final = "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2"


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainAccount:
    """An account of the Windows domain or of a computer: its name and the last part of its SID."""

    name: str
    number: int

    @property
    def is_system(self) -> bool:
        """True if it is the computer itself."""
        return self.number == 18


class WindowsLogs:
    """Writer of the event logs of all computers."""

    def __init__(self, district: FortnightDistrict, book: LogBook) -> None:
        self._district = district
        self._book = book
        self._dice = district.create_dice("windows")

    def log_on(
        self,
        computer: Computer,
        at: datetime,
        account: DomainAccount,
        *,
        kind: int = 3,
        address: str = "-",
        workstation: str = "-",
        package: str = "Kerberos",
    ) -> LogEntry:
        """Add a logon (4624) of a kind: 2 at the console, 3 over the network, 5 as a service, 10 by remote desktop."""
        data = {
            **self.describe_subject(None if kind == 3 else self.get_computer_account(computer)),
            **self.describe_target(account),
            "LogonType": kind,
            "LogonProcessName": {3: "Kerberos" if package == "Kerberos" else "NtLmSsp ", 5: "Advapi  "}.get(
                kind, "User32 "
            ),
            "AuthenticationPackageName": package,
            "WorkstationName": workstation,
            "LogonGuid": "00000000-0000-0000-0000-000000000000",
            "TransmittedServices": "-",
            "LmPackageName": "-" if package == "Kerberos" else "NTLM V2",
            "KeyLength": 0 if package == "Kerberos" else 128,
            "ProcessId": "0x0" if kind == 3 else "0x5d4",
            "ProcessName": "-" if kind == 3 else r"C:\Windows\System32\svchost.exe",
            "IpAddress": address,
            "IpPort": "-" if address == "-" else str(self._dice.randint(49_152, 65_535)),
            "ImpersonationLevel": "%%1833",
            "RestrictedAdminMode": "-",
            "TargetOutboundUserName": "-",
            "TargetOutboundDomainName": "-",
            "VirtualAccount": "%%1843",
            "TargetLinkedLogonId": "0x0",
            "ElevatedToken": "%%1842",
        }
        return self.add_security(computer, at, 4624, data)

    def fail_log_on(
        self,
        computer: Computer,
        at: datetime,
        name: str,
        *,
        kind: int = 3,
        address: str = "-",
        workstation: str = "-",
        is_known: bool = True,
    ) -> LogEntry:
        """Add a failed logon (4625): a wrong password, or a name that is not known."""
        data = {
            **self.describe_subject(None),
            "TargetUserSid": "S-1-0-0",
            "TargetUserName": name,
            "TargetDomainName": self._district.netbios,
            "Status": "0xc000006d",
            "FailureReason": "%%2313",
            "SubStatus": "0xc000006a" if is_known else "0xc0000064",
            "LogonType": kind,
            "LogonProcessName": "NtLmSsp ",
            "AuthenticationPackageName": "NTLM",
            "WorkstationName": workstation,
            "TransmittedServices": "-",
            "LmPackageName": "-",
            "KeyLength": 0,
            "ProcessId": "0x0",
            "ProcessName": "-",
            "IpAddress": address,
            "IpPort": "-" if address == "-" else str(self._dice.randint(49_152, 65_535)),
        }
        return self.add_security(computer, at, 4625, data, keywords="0x8010000000000000")

    def start_process(
        self, computer: Computer, at: datetime, account: DomainAccount, *, image: str, line: str, parent: str
    ) -> LogEntry:
        """Add a started process (4688) with its command line."""
        data = {
            **self.describe_subject(account),
            "NewProcessId": f"{self._dice.randrange(0x400, 0x8000, 4):#x}",
            "NewProcessName": image,
            "TokenElevationType": "%%1936",
            "ProcessId": f"{self._dice.randrange(0x400, 0x8000, 4):#x}",
            "CommandLine": line,
            "TargetUserSid": "S-1-0-0",
            "TargetUserName": "-",
            "TargetDomainName": "-",
            "TargetLogonId": "0x0",
            "ParentProcessName": parent,
            "MandatoryLabel": "S-1-16-12288",
        }
        return self.add_security(computer, at, 4688, data, version=2)

    def request_ticket(
        self,
        computer: Computer,
        at: datetime,
        account: DomainAccount,
        *,
        service: str,
        address: str,
        encryption: str = "0x12",
    ) -> LogEntry:
        """Add a request for a service ticket (4769) at a domain controller."""
        realm = self._district.domain.upper()
        data = {
            "TargetUserName": f"{account.name}@{realm}",
            "TargetDomainName": realm,
            "ServiceName": service,
            "ServiceSid": f"{self._district.domain_sid}-{1100 + sum(service.encode()) % 400}",
            "TicketOptions": "0x40810000",
            "TicketEncryptionType": encryption,
            "IpAddress": f"::ffff:{address}",
            "IpPort": str(self._dice.randint(49_152, 65_535)),
            "Status": "0x0",
            "LogonGuid": draw_guid(self._dice).upper(),
            "TransmittedServices": "-",
        }
        return self.add_security(computer, at, 4769, data)

    def use_directory_right(self, computer: Computer, at: datetime, account: DomainAccount, *, right: str) -> LogEntry:
        """Add the use of a right on the directory's root (4662), as replication does."""
        data = {
            **self.describe_subject(account),
            "ObjectServer": "DS",
            "ObjectType": "%{19195a5b-6da0-11d0-afd3-00c04fd930c9}",
            "ObjectName": "%{8c1f2a5e-3e1b-4a55-9d33-0d6f0f6a1b11}",
            "OperationType": "Object Access",
            "HandleId": "0x0",
            "AccessList": "%%7688\n\t\t\t\t",
            "AccessMask": _CHANGES,
            "Properties": f"%%7688\n\t\t{{{right}}}\n\t{{19195a5b-6da0-11d0-afd3-00c04fd930c9}}\n",
            "AdditionalInfo": "-",
            "AdditionalInfo2": "",
        }
        return self.add_security(computer, at, 4662, data)

    def open_shared_file(
        self,
        computer: Computer,
        at: datetime,
        account: DomainAccount,
        *,
        share: str,
        path: str,
        address: str,
        mask: str = "0x1",
    ) -> LogEntry:
        """Add access to a file of a share (5145)."""
        data = {
            **self.describe_subject(account),
            "ObjectType": "File",
            "IpAddress": address,
            "IpPort": str(self._dice.randint(49_152, 65_535)),
            "ShareName": f"\\\\*\\{share}",
            "ShareLocalPath": f"\\??\\D:\\Shares\\{share}" if not share.endswith("$") else "\\??\\C:\\Windows",
            "RelativeTargetName": path,
            "AccessMask": mask,
            "AccessList": "%%4416\n\t\t\t\t",
            "AccessReason": "-",
        }
        return self.add_security(computer, at, 5145, data)

    def change_group(
        self, computer: Computer, at: datetime, by: DomainAccount, *, member: DomainAccount, group: str, number: int
    ) -> LogEntry:
        """Add a new member of a global group (4728)."""
        base = ",".join(f"DC={part}" for part in self._district.domain.split("."))
        data = {
            "MemberName": f"CN={member.name},CN=Users,{base}",
            "MemberSid": f"{self._district.domain_sid}-{member.number}",
            "TargetUserName": group,
            "TargetDomainName": self._district.netbios,
            "TargetSid": f"{self._district.domain_sid}-{number}",
            **self.describe_subject(by),
            "PrivilegeList": "-",
        }
        return self.add_security(computer, at, 4728, data)

    def change_account(
        self, computer: Computer, at: datetime, by: DomainAccount, *, event: int, target: DomainAccount
    ) -> LogEntry:
        """Add a change of an account: 4720 created, 4722 enabled, 4724 password reset, 4725 disabled."""
        data = {
            "TargetUserName": target.name,
            "TargetDomainName": self._district.netbios,
            "TargetSid": f"{self._district.domain_sid}-{target.number}",
            **self.describe_subject(by),
        }
        return self.add_security(computer, at, event, data)

    def install_service(
        self, computer: Computer, at: datetime, *, name: str, image: str, start: str = "demand start"
    ) -> LogEntry:
        """Add a new service (7045)."""
        data = {
            "ServiceName": name,
            "ImagePath": image,
            "ServiceType": "user mode service",
            "StartType": start,
            "AccountName": "LocalSystem",
        }
        provider = ("Service Control Manager", "555908d1-a6d7-4695-8e1e-26931d2012f4")
        identity = {"#attributes": {"Qualifiers": 16384}, "#text": 7045}
        return self._add(computer, SYSTEM, at, provider, identity, {"EventData": data}, level=4)

    def clear_log(self, computer: Computer, at: datetime, by: DomainAccount) -> LogEntry:
        """Add that the security log was cleared (1102)."""
        body = {"UserData": {"LogFileCleared": {"#attributes": {"xmlns": _LOG_NAMESPACE}, **self.describe_subject(by)}}}
        provider = ("Microsoft-Windows-Eventlog", "FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148")
        return self._add(computer, SECURITY, at, provider, 1102, body, level=4)

    def change_defender(self, computer: Computer, at: datetime, *, event: int, **data: str) -> LogEntry:
        """Add an event of Defender: 5001 real-time protection off, 5007 a changed setting, 1116 malware."""
        product = {"Product Name": "Microsoft Defender Antivirus", "Product Version": "4.18.25080.5"}
        provider = ("Microsoft-Windows-Windows Defender", "11CD958A-C507-4EF3-B3F2-5FD9DFBD2C78")
        changed = {name.replace("_", " "): value for name, value in data.items()}
        return self._add(computer, DEFENDER, at, provider, event, {"EventData": {**product, **changed}}, level=4)

    def get_computer_account(self, computer: Computer) -> DomainAccount:
        """Return the account of the computer itself, as its own processes have it."""
        return DomainAccount(name=computer.account, number=18)

    def add_security(
        self,
        computer: Computer,
        at: datetime,
        event: int,
        data: dict[str, Any],
        *,
        version: int = 0,
        keywords: str = "0x8020000000000000",
    ) -> LogEntry:
        """Add an event of the security log with its data."""
        body = {"EventData": data}
        return self._add(computer, SECURITY, at, _SECURITY_PROVIDER, event, body, version=version, keywords=keywords)

    def _add(
        self,
        computer: Computer,
        channel: str,
        at: datetime,
        provider: tuple[str, str],
        event: int | dict[str, Any],
        body: dict[str, Any],
        *,
        level: int = 0,
        version: int = 0,
        keywords: str = "0x8020000000000000",
    ) -> LogEntry:
        system = {
            "Provider": {"#attributes": {"Name": provider[0], "Guid": provider[1]}},
            "EventID": event,
            "Version": version,
            "Level": level,
            "Task": _TASKS.get(event, 0) if isinstance(event, int) else 0,
            "Opcode": 0,
            "Keywords": keywords,
            "TimeCreated": {"#attributes": {"SystemTime": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"}},
            "EventRecordID": 0,
            "Correlation": None,
            "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": self._dice.randrange(100, 9000, 4)}},
            "Channel": channel,
            "Computer": computer.full_name,
            "Security": None,
        }
        record = {"Event": {"#attributes": {"xmlns": _NAMESPACE}, "System": system, **body}}
        log: LogName = ("windows", f"{computer.full_name}/{channel}")
        self._book.set_numbering(log, self._number_records)
        return self._book.add_record(log, at, record)

    def _number_records(self, entries: list[LogEntry]) -> None:
        """Assign the record numbers of one channel of a computer in order, and key the records by them."""
        if not entries:
            return
        first = self._district.create_dice("records", *entries[0].log).randrange(10**5, 10**7)
        for number, entry in enumerate(entries, start=first):
            entry.record["Event"]["System"]["EventRecordID"] = number
            entry.keys = (f"{entry.log[1]}/{number}",)

    def describe_subject(self, account: DomainAccount | None) -> dict[str, str]:
        """Describe who acts, None for a logon that nobody has done yet."""
        if account is None:
            sid, name, domain, logon = "S-1-0-0", "-", "-", "0x0"
        elif account.is_system:
            sid, name, domain, logon = "S-1-5-18", account.name, self._district.netbios, "0x3e7"
        else:
            sid, name, domain = f"{self._district.domain_sid}-{account.number}", account.name, self._district.netbios
            logon = f"{0x100000 + account.number * 977:#x}"
        return {
            "SubjectUserSid": sid,
            "SubjectUserName": name,
            "SubjectDomainName": domain,
            "SubjectLogonId": logon,
        }

    def describe_target(self, account: DomainAccount) -> dict[str, str]:
        """Describe an account that is acted on, in the same fields."""
        subject = self.describe_subject(account)
        return {name.replace("Subject", "Target", 1): value for name, value in subject.items()}
