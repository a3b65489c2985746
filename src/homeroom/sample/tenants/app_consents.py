"""Apps with consent at Google and Microsoft: GAM tokens, and Graph's grants and service principals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from homeroom.sample.files.writers import CsvFile
from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.truth.google_directory import GoogleDirectoryIndex
from homeroom.sample.truth.ground_truth import GoogleAccount

_HEADER: Final = "user,clientId,displayText,anonymous,nativeApp,scopes"
_API: Final = "https://www.googleapis.com/auth/"
_SIGN_IN: Final = ("openid", f"{_API}userinfo.email")
_GRAPH: Final = "https://graph.microsoft.com/v1.0/$metadata#"
# Roles of Microsoft Graph by id, from its permissions reference.
_MAIL_READ: Final = "810c84a8-4a9e-49e6-bf7d-12d183f40d01"
_DIRECTORY_READ: Final = "7ab1d382-f21e-4acd-a863-ba3e13f7da61"


@dataclass(frozen=True, kw_only=True)
class _App:
    """An app at Google: the users who consented, its scopes, and the expected findings, also of its flows."""

    name: str
    users: Sequence[GoogleAccount]
    scopes: Sequence[str] = _SIGN_IN
    anonymous: bool = False
    fails: Sequence[str] = ()
    unknown: Sequence[str] = ()
    near: dict[str, str] = field(default_factory=dict)
    flows: Sequence[ExpectedFindings] = ()


def write_consents(
    lists: ListWriter,
    *,
    google: Path,
    microsoft: Path,
    directory: GoogleDirectoryIndex,
    staff: Sequence[GoogleAccount],
    leaver: GoogleAccount,
) -> None:
    """Write the three files and record what is true.

    `staff` are four current employees; `leaver` can no longer sign in.
    """
    file = CsvFile(google / "tokens.csv", _HEADER, ends="\n")
    for number, app in enumerate(_build_google_apps(directory, staff, leaver)):
        key = f"{707_000_000_000 + number * 7_919}.apps.googleusercontent.com"
        for account in app.users:
            file.write_row([account.email, key, app.name, app.anonymous, False, " ".join(app.scopes)])
        lists.record_expected("google", ExpectedFindings(key=key, fails=app.fails, unknown=app.unknown, near=app.near))
        for flow in app.flows:
            lists.record_expected("vendors", flow)
    lists.rows["google/tokens"] = file.rows
    lists.files += [*file.close(), *_write_microsoft_apps(lists, microsoft)]


def _build_google_apps(
    directory: GoogleDirectoryIndex, staff: Sequence[GoogleAccount], leaver: GoogleAccount
) -> Iterator[_App]:
    """Yield the apps; Google marks unknown publishers only, so the others have no answer on verification."""
    students, (first, second, third, _) = directory.students, staff
    unanswered, mail, files = ["app-verified"], ["https://mail.google.com/"], [f"{_API}drive.readonly"]
    yield _App(
        name="Quizloom",
        users=students[:3],
        near={"app-without-agreement": "Its agreement is signed."},
        flows=[_expect_flow("Quizloom email", near={"flow-allowed": "Its agreement names the address."})],
    )
    yield _App(
        name="Storyjar",
        users=students[:1],
        fails=["app-without-agreement"],
        flows=[_expect_flow("Storyjar email", fails=["flow-agreed"])],
    )
    yield _App(
        name="Pixelbarn",
        users=students[1:2],
        fails=["app-without-agreement"],
        flows=[_expect_flow("Pixelbarn email", fails=["flow-ended"])],
    )
    yield _App(
        name="Pagepal",
        users=students[3:4],
        scopes=[f"{_API}gmail.readonly"],
        unknown=unanswered,
        fails=["app-reads-students", "app-of-one-person", "app-without-agreement"],
        flows=[_expect_flow("Pagepal mail", fails=["flow-agreed", "flow-sensitive"])],
    )
    near_misses = {"app-of-one-person": "Two people work with it."}
    yield _App(name="Notehive", users=[first, second], scopes=files, unknown=unanswered, near=near_misses)
    yield _App(name="Mailpeek", users=[first], scopes=mail, unknown=unanswered, fails=["app-of-one-person"])
    reads = ["app-reads-students", "app-verified"]
    yield _App(
        name="Drivescan",
        users=[students[0], first],
        scopes=[f"{_API}drive"],
        anonymous=True,
        fails=reads,
        flows=[_expect_flow("Drivescan work", fails=["flow-can-be-judged"], unknown=["flow-allowed"])],
    )
    yield _App(
        name="Steadily",
        users=[students[2]],
        scopes=[f"{_API}drive.file"],
        near={"app-reads-students": "It opens only files of its own.", "app-unused": "Opened 180 days ago."},
        flows=[_expect_flow("Steadily work", fails=["flow-allowed"])],
    )
    yield _App(name="Rosterlink", users=[second], scopes=[f"{_API}classroom.rosters.readonly"], unknown=unanswered)
    if directory.administrator is not None:
        admin, user = [directory.administrator], [f"{_API}admin.directory.user"]
        changes = ["app-administers", "app-of-administrator"]
        yield _App(name="Deckbird", users=admin, scopes=user, unknown=unanswered, fails=changes)
        yield _App(name="Clipfern", users=admin, near={"app-of-administrator": "It only knows who signs in."})
    reader = [f"{_API}admin.directory.user.readonly"]
    yield _App(
        name="Namelist",
        users=[first, third],
        scopes=reader,
        unknown=unanswered,
        near={"app-administers": "It only reads."},
    )
    yield _App(name="Typelark", users=[leaver], fails=["app-of-nobody-here"])
    yield _App(name="Fernbank", users=[leaver, third], near={"app-of-nobody-here": "One of them still works here."})
    yield _App(name="Oldtimer", users=[third], fails=["app-unused"])


def _expect_flow(
    name: str, *, fails: Sequence[str] = (), unknown: Sequence[str] = (), near: dict[str, str] | None = None
) -> ExpectedFindings:
    """Return what is true of one kind of student data that an app may read because a student consented."""
    return ExpectedFindings(key=f"{name} grant", fails=fails, unknown=unknown, near=near or {})


def _write_microsoft_apps(lists: ListWriter, folder: Path) -> Iterator[Path]:
    """Write an app with an administrator's consent for everybody, and two that act without a user."""
    planner, robot, reader = (build_guid(7, number) for number in range(3))
    lists.record_expected(
        "microsoft",
        ExpectedFindings(
            key=planner,
            near={
                "app-of-one-person": "An administrator let it in for everybody.",
                "app-verified": "Microsoft verified who publishes it.",
            },
        ),
    )
    lists.record_expected("microsoft", ExpectedFindings(key=robot, fails=["app-by-itself-narrow", "app-verified"]))
    lists.record_expected(
        "microsoft", ExpectedFindings(key=reader, near={"app-by-itself-narrow": "It only reads the directory."})
    )
    publisher = {"displayName": "Planwise", "verifiedPublisherId": "4471320"}
    grant = {
        "clientId": planner,
        "consentType": "AllPrincipals",
        "id": "grant-1",
        "principalId": None,
        "resourceId": build_guid(7, 9),
        "scope": "User.Read Files.Read.All",
        "app": {"id": planner, "displayName": "Planwise", "verifiedPublisher": publisher},
    }
    yield _write_document(folder / "oauth2PermissionGrants.json", "oauth2PermissionGrants", [grant])
    day = f"{lists.subtract_days(200)}T15:00:00Z"
    principals = [
        _build_principal(robot, "Copy robot", _MAIL_READ, day, {}),
        _build_principal(reader, "Badge printer", _DIRECTORY_READ, day, publisher),
    ]
    yield _write_document(folder / "servicePrincipals.json", "servicePrincipals", principals)
    lists.rows |= {"microsoft/oauth2PermissionGrants": 1, "microsoft/servicePrincipals": len(principals)}


def _build_principal(key: str, name: str, role: str, day: str, publisher: dict[str, str]) -> dict[str, Any]:
    assignment = {
        "appRoleId": role,
        "createdDateTime": day,
        "resourceDisplayName": "Microsoft Graph",
        "principalId": key,
    }
    return {
        "id": key,
        "appId": f"app-{key}",
        "displayName": name,
        "servicePrincipalType": "Application",
        "verifiedPublisher": publisher or {"displayName": None, "verifiedPublisherId": None},
        "appRoleAssignments": [assignment],
    }


def _write_document(path: Path, kind: str, records: list[dict[str, Any]]) -> Path:
    document = {"@odata.context": f"{_GRAPH}{kind}", "value": records}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8", newline="\n")
    return path
