"""Windows events around a logon that fill most of a security log: tickets, privileges and logoffs."""

from __future__ import annotations

from datetime import datetime

from homeroom.sample.fortnights.district.computers import Computer
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogEntry
from homeroom.sample.fortnights.logs.windows import DomainAccount, WindowsLogs

_PRIVILEGES = "SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeRestorePrivilege\n\t\t\tSeDebugPrivilege"


class WindowsSessions:
    """Writer of these events."""

    def __init__(self, district: FortnightDistrict, logs: WindowsLogs) -> None:
        self._realm = district.domain.upper()
        self._sid = district.domain_sid
        self._logs = logs
        self._dice = district.create_dice("windows-sessions")

    def request_first_ticket(
        self, controller: Computer, at: datetime, account: DomainAccount, *, address: str
    ) -> LogEntry:
        """Add the first ticket of a session (4768)."""
        data = {
            "TargetUserName": account.name,
            "TargetDomainName": self._realm,
            "TargetSid": f"{self._sid}-{account.number}",
            "ServiceName": "krbtgt",
            "ServiceSid": f"{self._sid}-502",
            "TicketOptions": "0x40810010",
            "Status": "0x0",
            "TicketEncryptionType": "0x12",
            "PreAuthType": "2",
            "IpAddress": f"::ffff:{address}",
            "IpPort": str(self._dice.randint(49_152, 65_535)),
            "CertIssuerName": "",
            "CertSerialNumber": "",
            "CertThumbprint": "",
        }
        return self._logs.add_security(controller, at, 4768, data)

    def refuse_password(self, controller: Computer, at: datetime, account: DomainAccount, *, address: str) -> LogEntry:
        """Add a wrong password at Kerberos (4771)."""
        data = {
            "TargetUserName": account.name,
            "TargetSid": f"{self._sid}-{account.number}",
            "ServiceName": f"krbtgt/{self._realm}",
            "TicketOptions": "0x40810010",
            "Status": "0x18",
            "PreAuthType": "2",
            "IpAddress": f"::ffff:{address}",
            "IpPort": str(self._dice.randint(49_152, 65_535)),
            "CertIssuerName": "",
            "CertSerialNumber": "",
            "CertThumbprint": "",
        }
        return self._logs.add_security(controller, at, 4771, data, keywords="0x8010000000000000")

    def grant_privileges(self, computer: Computer, at: datetime, account: DomainAccount) -> LogEntry:
        """Add the privileges of an administrator's session (4672)."""
        data = {**self._logs.describe_subject(account), "PrivilegeList": _PRIVILEGES}
        return self._logs.add_security(computer, at, 4672, data)

    def log_off(self, computer: Computer, at: datetime, account: DomainAccount, *, kind: int = 3) -> LogEntry:
        """Add the end of a session (4634)."""
        return self._logs.add_security(computer, at, 4634, {**self._logs.describe_target(account), "LogonType": kind})

    def check_password(
        self, controller: Computer, at: datetime, account: DomainAccount, *, workstation: str
    ) -> LogEntry:
        """Add a password checked by NTLM (4776)."""
        data = {
            "PackageName": "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
            "TargetUserName": account.name,
            "Workstation": workstation,
            "Status": "0x0",
        }
        return self._logs.add_security(controller, at, 4776, data)
