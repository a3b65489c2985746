"""Active Directory accounts as Windows PowerShell's Export-Csv writes them: a #TYPE line, UTF-16 with BOM.

Get-ADUser -Filter * -Properties … | Select-Object …,@{n='MemberOf';e={$_.MemberOf -join ';'}},… | Export-Csv -Encoding
Unicode.

Every value is quoted except nulls, which leave nothing between the commas (an empty list is joined to an empty text);
times are the server's local time in the format of its culture.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from homeroom.sample.plan.identifiers import build_guid

_NAME_COLUMNS: Final = (
    "DistinguishedName,Enabled,GivenName,Name,ObjectClass,ObjectGUID,SamAccountName,SID,Surname,UserPrincipalName"
)
_DETAIL_COLUMNS: Final = (
    "AccountExpirationDate,AccountNotDelegated,AllowReversiblePasswordEncryption,Created,Department,DoesNotRequirePreAuth,"
    "EmailAddress,EmployeeID,LastLogonDate,LockedOut,PasswordExpired,PasswordLastSet,PasswordNeverExpires,"
    "PasswordNotRequired,Title,TrustedForDelegation,UseDESKeyOnly,adminCount,MemberOf,ServicePrincipalNames,SIDHistory"
)
_DOMAIN_SID: Final = "S-1-5-21-1004336348-1177238915-682003330"


@dataclass(slots=True, kw_only=True)
class DirectoryAccount:
    """An on-premises account, and what is true of it.

    `owner` and `kind` are as in GoogleAccount; `owner` is also built-in for the administrator that Windows creates.
    """

    index: int
    sam: str
    name: str
    first_name: str | None = None
    last_name: str | None = None
    unit: tuple[str, ...] = ()  # organizational units, the innermost first
    principal: str | None = None
    email: str | None = None
    number: str | None = None
    title: str | None = None
    department: str | None = None
    enabled: bool = True
    created: date
    last: date | None
    password_set: date | None
    expires: date | None = None
    never_expires: bool = False
    not_required: bool = False
    no_preauth: bool = False
    reversible: bool = False
    protected: str | None = None  # adminCount: 1 where the account is or was in a group of administrators
    groups: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    older_sid: str = ""
    delegates: bool = False
    apart: bool = False  # sensitive: cannot be delegated
    des_only: bool = False
    temporary: bool = False
    owner: str
    kind: str = "staff"

    @property
    def key(self) -> str:
        """ObjectGUID of the account."""
        return build_guid(6, self.index)


class DirectoryFile:
    """The export file of on-premises accounts."""

    def __init__(self, path: Path, domain: str, *, domain_sid: str = _DOMAIN_SID) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._domain_sid = domain_sid
        self.rows = 0
        self._path = path
        self._base = ",".join(f"DC={part}" for part in domain.split("."))
        self._file = path.open("w", encoding="utf-16-le", newline="")
        self._file.write("\ufeff#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n")
        self._write_line([*_NAME_COLUMNS.split(","), *_DETAIL_COLUMNS.split(",")])

    def write(self, account: DirectoryAccount) -> None:
        """Write one account."""
        self._write_line([*self._list_names(account), *_list_details(account), *self._list_joined_values(account)])
        self.rows += 1

    def _write_line(self, values: list[str | None]) -> None:
        self._file.write(",".join("" if value is None else _quote(value) for value in values) + "\r\n")

    def _list_names(self, account: DirectoryAccount) -> list[str | None]:
        units = "".join(f",OU={_escape(unit)}" for unit in account.unit) or ",CN=Users"
        return [
            f"CN={_escape(account.name)}{units},{self._base}",
            str(account.enabled),
            account.first_name,
            account.name,
            "user",
            account.key,
            account.sam,
            f"{self._domain_sid}-{1100 + account.index}",
            account.last_name,
            account.principal,
        ]

    def _list_joined_values(self, account: DirectoryAccount) -> list[str | None]:
        groups = (f"CN={_escape(group)},CN=Users,{self._base}" for group in account.groups)
        return [";".join(groups), ";".join(account.services), account.older_sid]

    def close(self) -> list[Path]:
        """Close the file and return its path."""
        self._file.close()
        return [self._path]


def _list_details(account: DirectoryAccount) -> list[str | None]:
    return [
        _format_time(account.expires, 0),
        str(account.apart),
        str(account.reversible),
        _format_time(account.created, account.index),
        account.department,
        str(account.no_preauth),
        account.email,
        account.number,
        _format_time(account.last, account.index),
        "False",
        "False",
        _format_time(account.password_set, account.index),
        str(account.never_expires),
        str(account.not_required),
        account.title,
        str(account.delegates),
        str(account.des_only),
        account.protected,
    ]


def _quote(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _escape(value: str) -> str:
    """Escape a value of a distinguished name: backslashes and commas (RFC 4514)."""
    return value.replace("\\", "\\\\").replace(",", "\\,")


def _format_time(day: date | None, salt: int) -> str | None:
    """Format a time in the culture of the United States, in school hours: the same day in each of its zones."""
    if day is None:
        return None
    hour = 8 + salt % 6
    clock = f"{(hour - 1) % 12 + 1}:{salt % 60:02d}:{salt * 7 % 60:02d} {'PM' if hour >= 12 else 'AM'}"
    return f"{day.month}/{day.day}/{day.year} {clock}"
