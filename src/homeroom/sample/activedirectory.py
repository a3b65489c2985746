"""Active Directory's accounts as Windows PowerShell's Export-Csv writes them: a #TYPE line, UTF-16 with its mark.

Get-ADUser -Filter * -Properties … | Select-Object …,@{n='MemberOf';e={$_.MemberOf -join ';'}},… | Export-Csv -Encoding Unicode.
Every value is quoted but those that are null, of which nothing stands between the commas (a list of nothing is joined to an
empty text); times are the server's own and in its culture's form.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from homeroom.sample.ids import guid

_NAMED: Final = (
    "DistinguishedName,Enabled,GivenName,Name,ObjectClass,ObjectGUID,SamAccountName,SID,Surname,UserPrincipalName"
)
_SAID: Final = (
    "AccountExpirationDate,AccountNotDelegated,AllowReversiblePasswordEncryption,Created,Department,DoesNotRequirePreAuth,"
    "EmailAddress,EmployeeID,LastLogonDate,LockedOut,PasswordExpired,PasswordLastSet,PasswordNeverExpires,"
    "PasswordNotRequired,Title,TrustedForDelegation,UseDESKeyOnly,adminCount,MemberOf,ServicePrincipalNames,SIDHistory"
)
_DOMAIN_SID: Final = "S-1-5-21-1004336348-1177238915-682003330"


@dataclass(slots=True, kw_only=True)
class DirectoryAccount:
    """An account on premises, and what is true of it. `owner` and `kind` are as in truth.Account, and `owner`
    is built-in of the administrator that Windows makes."""

    index: int
    sam: str
    name: str
    given: str | None = None
    family: str | None = None
    unit: tuple[str, ...] = ()  # organisational units, the innermost first
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
        """The ObjectGUID."""
        return guid(6, self.index)


class DirectoryFile:
    """The file of accounts."""

    def __init__(self, path: Path, domain: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = 0
        self._path = path
        self._base = ",".join(f"DC={part}" for part in domain.split("."))
        self._file = path.open("w", encoding="utf-16-le", newline="")
        self._file.write("\ufeff#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n")
        self._line([*_NAMED.split(","), *_SAID.split(",")])

    def write(self, account: DirectoryAccount) -> None:
        """Write one account."""
        self._line([*self._named(account), *_said(account), *self._joined(account)])
        self.rows += 1

    def _line(self, values: list[str | None]) -> None:
        self._file.write(",".join("" if value is None else _quoted(value) for value in values) + "\r\n")

    def _named(self, account: DirectoryAccount) -> list[str | None]:
        units = "".join(f",OU={_escaped(unit)}" for unit in account.unit) or ",CN=Users"
        return [
            f"CN={_escaped(account.name)}{units},{self._base}",
            str(account.enabled),
            account.given,
            account.name,
            "user",
            account.key,
            account.sam,
            f"{_DOMAIN_SID}-{1100 + account.index}",
            account.family,
            account.principal,
        ]

    def _joined(self, account: DirectoryAccount) -> list[str | None]:
        groups = (f"CN={_escaped(group)},CN=Users,{self._base}" for group in account.groups)
        return [";".join(groups), ";".join(account.services), account.older_sid]

    def close(self) -> list[Path]:
        """Close the file and name it."""
        self._file.close()
        return [self._path]


def _said(account: DirectoryAccount) -> list[str | None]:
    return [
        _moment(account.expires, 0),
        str(account.apart),
        str(account.reversible),
        _moment(account.created, account.index),
        account.department,
        str(account.no_preauth),
        account.email,
        account.number,
        _moment(account.last, account.index),
        "False",
        "False",
        _moment(account.password_set, account.index),
        str(account.never_expires),
        str(account.not_required),
        account.title,
        str(account.delegates),
        str(account.des_only),
        account.protected,
    ]


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _escaped(value: str) -> str:
    """A value in a distinguished name, where a comma parts and a backslash escapes (RFC 4514)."""
    return value.replace("\\", "\\\\").replace(",", "\\,")


def _moment(day: date | None, salt: int) -> str | None:
    """A time as the culture of the United States writes it, in school hours: the same day in any zone of the country."""
    if day is None:
        return None
    hour = 8 + salt % 6
    clock = f"{(hour - 1) % 12 + 1}:{salt % 60:02d}:{salt * 7 % 60:02d} {'PM' if hour >= 12 else 'AM'}"
    return f"{day.month}/{day.day}/{day.year} {clock}"
