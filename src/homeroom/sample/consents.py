"""Apps that people let into Google and Microsoft: as GAM prints tokens, and as Graph answers grants and principals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from homeroom.sample.ids import guid
from homeroom.sample.lists import Said, Shelf
from homeroom.sample.roll import Roll
from homeroom.sample.truth import Account
from homeroom.sample.writers import CsvFile

_HEADER: Final = "user,clientId,displayText,anonymous,nativeApp,scopes"
_API: Final = "https://www.googleapis.com/auth/"
_SIGN_IN: Final = ("openid", f"{_API}userinfo.email")
_GRAPH: Final = "https://graph.microsoft.com/v1.0/$metadata#"
# Roles of Microsoft Graph by id, from its permissions reference.
_MAIL_READ: Final = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_DIRECTORY_READ: Final = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"


@dataclass(frozen=True, kw_only=True)
class _App:
    """An app at Google: who let it in, what it may do, and what is true of it."""

    name: str
    by: Sequence[Account]
    scopes: Sequence[str] = _SIGN_IN
    anonymous: bool = False
    fails: Sequence[str] = ()
    unknown: Sequence[str] = ()
    near: dict[str, str] = field(default_factory=dict)


def write_consents(shelf: Shelf, *, google: Path, microsoft: Path, roll: Roll, staff: Sequence[Account], left: Account) -> None:  # fmt: skip
    """Write the three files and state what is true. `staff` are four who work here, `left` cannot sign in any more."""
    file = CsvFile(google / "tokens.csv", _HEADER, ends="\n")
    for number, app in enumerate(_at_google(roll, staff, left)):
        key = f"{707_000_000_000 + number * 7_919}.apps.googleusercontent.com"
        for account in app.by:
            file.row([account.email, key, app.name, app.anonymous, False, " ".join(app.scopes)])
        shelf.stated("google", Said(key=key, fails=app.fails, unknown=app.unknown, near=app.near))
    shelf.rows["google/tokens"] = file.rows
    shelf.files += [*file.close(), *_at_microsoft(shelf, microsoft)]


def _at_google(roll: Roll, staff: Sequence[Account], left: Account) -> Iterator[_App]:
    """Of publishers Google says only that it does not know one; of all others nobody can tell."""
    pupils, (one, two, three, _) = roll.pupils, staff
    unsaid, mail, files = ["app-verified"], ["https://mail.google.com/"], [f"{_API}drive.readonly"]
    yield _App(name="Quizloom", by=pupils[:3], near={"app-without-agreement": "Its agreement is signed."})
    yield _App(name="Storyjar", by=pupils[:1], fails=["app-without-agreement"])
    yield _App(name="Pixelbarn", by=pupils[1:2], fails=["app-without-agreement"])
    several = {"app-of-one-person": "Two people work with it."}
    yield _App(name="Notehive", by=[one, two], scopes=files, unknown=unsaid, near=several)
    yield _App(name="Mailpeek", by=[one], scopes=mail, unknown=unsaid, fails=["app-of-one-person"])
    reads = ["app-reads-pupils", "app-verified"]
    yield _App(name="Drivescan", by=[pupils[0], one], scopes=[f"{_API}drive"], anonymous=True, fails=reads)
    yield _App(name="Steadily", by=[pupils[2]], scopes=[f"{_API}drive.file"], near={"app-reads-pupils": "It opens only files of its own.", "app-unused": "Opened 180 days ago."})  # fmt: skip
    yield _App(name="Rosterlink", by=[two], scopes=[f"{_API}classroom.rosters.readonly"], unknown=unsaid)
    if roll.administrator is not None:
        admin, user = [roll.administrator], [f"{_API}admin.directory.user"]
        changes = ["app-administers", "app-of-administrator"]
        yield _App(name="Deckbird", by=admin, scopes=user, unknown=unsaid, fails=changes)
        yield _App(name="Clipfern", by=admin, near={"app-of-administrator": "It only knows who signs in."})
    reader = [f"{_API}admin.directory.user.readonly"]
    yield _App(name="Namelist", by=[one, three], scopes=reader, unknown=unsaid, near={"app-administers": "It only reads."})  # fmt: skip
    yield _App(name="Typelark", by=[left], fails=["app-of-nobody-here"])
    yield _App(name="Fernbank", by=[left, three], near={"app-of-nobody-here": "One of them still works here."})
    yield _App(name="Oldtimer", by=[three], fails=["app-unused"])


def _at_microsoft(shelf: Shelf, folder: Path) -> Iterator[Path]:
    """One app that an administrator let in for everybody, and two that act by themselves."""
    everybody, robot, reader = (guid(7, number) for number in range(3))
    shelf.stated("microsoft", Said(key=everybody, near={"app-of-one-person": "An administrator let it in for everybody.", "app-verified": "Microsoft verified who publishes it."}))  # fmt: skip
    shelf.stated("microsoft", Said(key=robot, fails=["app-by-itself-narrow", "app-verified"]))
    shelf.stated("microsoft", Said(key=reader, near={"app-by-itself-narrow": "It only reads the directory."}))
    publisher = {"displayName": "Planwise", "verifiedPublisherId": "4471320"}
    grant = {
        "clientId": everybody, "consentType": "AllPrincipals", "id": "grant-1", "principalId": None, "resourceId": guid(7, 9),
        "scope": "User.Read Files.Read.All", "app": {"id": everybody, "displayName": "Planwise", "verifiedPublisher": publisher},
    }  # fmt: skip
    yield _written(folder / "oauth2PermissionGrants.json", "oauth2PermissionGrants", [grant])
    day = f"{shelf.ago(200)}T15:00:00Z"
    principals = [
        _principal(robot, "Copy robot", _MAIL_READ, day, {}),
        _principal(reader, "Badge printer", _DIRECTORY_READ, day, publisher),
    ]
    yield _written(folder / "servicePrincipals.json", "servicePrincipals", principals)
    shelf.rows |= {"microsoft/oauth2PermissionGrants": 1, "microsoft/servicePrincipals": len(principals)}


def _principal(key: str, name: str, role: str, day: str, publisher: dict[str, str]) -> dict[str, Any]:
    held = {"appRoleId": role, "createdDateTime": day, "resourceDisplayName": "Microsoft Graph", "principalId": key}
    return {
        "id": key, "appId": f"app-{key}", "displayName": name, "servicePrincipalType": "Application",
        "verifiedPublisher": publisher or {"displayName": None, "verifiedPublisherId": None}, "appRoleAssignments": [held],
    }  # fmt: skip


def _written(path: Path, kind: str, records: list[dict[str, Any]]) -> Path:
    document = {"@odata.context": f"{_GRAPH}{kind}", "value": records}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8", newline="\n")
    return path
