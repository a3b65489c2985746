"""The table of permissions: every address, endpoint and command names one of them.

A permission that reads comes before those that change what it shows. Deny by default: what is not in a row's roles is
refused. A row is added with the page that needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from homeroom.domain.platform.permissions.permission import Access, Permission, PermissionScope
from homeroom.domain.platform.permissions.roles import (
    AUDITOR,
    DIRECTOR,
    EDITORS,
    EVERYBODY,
    OFFICE,
    PRIVACY_TEAM,
    TEAM,
    TECHNICIAN,
)

_PRIVACY_READERS: Final = PRIVACY_TEAM | {AUDITOR}
_OWN: Final = PermissionScope.OWN
_SCHOOL: Final = PermissionScope.SCHOOL
_ONLY_DIRECTOR: Final = frozenset({DIRECTOR})
_ONLY_TECHNICIAN: Final = frozenset({TECHNICIAN})
_OTHER_OFFICE: Final = OFFICE - TEAM


def _describe(
    name: str,
    title: str,
    roles: frozenset[str],
    *,
    grantable: frozenset[str] = frozenset(),
    scope: PermissionScope = PermissionScope.DISTRICT,
) -> Permission:
    return Permission(name=name, title=title, scope=scope, roles=roles, grantable=grantable)


def _describe_sensitive(name: str, title: str) -> Permission:
    """Describe a permission of directors that decides who gets in: a session that was left open does not use it."""
    return Permission(name=name, title=title, roles=_ONLY_DIRECTOR, needs_recent_sign_in=True)


def _describe_other(name: str, title: str, access: Access) -> Permission:
    return Permission(name=name, title=title, scope=PermissionScope.OWN, access=access)


_TABLE: Final = (
    # What a role does not open.
    _describe_other("site.open", "open pages before signing in, and ask whether the server works", Access.ANYONE),
    _describe_other("account.use", "sign out, change the own password, choose a district", Access.ACCOUNT),
    _describe_other("agents.report", "report what an enrolled computer has", Access.SECRET),
    _describe_other("rollouts.open_link", "open a teacher's link or a calendar feed", Access.SECRET),
    _describe_other("content.use", "use Homeroom's content on files of one's own, without a district", Access.OPERATOR),
    _describe_other("installation.operate", "run the server, its database and its backups", Access.OPERATOR),
    # A user's own pages.
    _describe("own.use", "open their own pages, and answer what is asked of them", EVERYBODY, scope=_OWN),
    _describe("outbox.use", "send what a phone recorded without a network", OFFICE, scope=_OWN),
    _describe("calendar.subscribe", "make and revoke a calendar feed of their own work", OFFICE, scope=_OWN),
    # Today and the plan.
    _describe("today.read", "see what needs somebody today", OFFICE, scope=_SCHOOL),
    _describe("plan.read", "see the week's plan", OFFICE),
    _describe("plan.change", "plan the week, and report work as done", TEAM),
    # Sources.
    _describe("sources.read", "see loads, syncs, lists and agents", OFFICE),
    _describe("sources.load", "load files, map lists, and discard or undo a load", TEAM),
    _describe(
        "sources.approve_removals",
        "approve a load that removes records",
        _ONLY_DIRECTOR,
        grantable=_ONLY_TECHNICIAN,
    ),
    _describe("sources.declare", "say which list decides who belongs", _ONLY_DIRECTOR),
    _describe("consoles.sync", "try a connected console, and ask it now", TEAM),
    _describe(
        "consoles.connect",
        "connect a console, change how, or remove it",
        _ONLY_DIRECTOR,
        grantable=_ONLY_TECHNICIAN,
    ),
    _describe("agents.manage", "enroll, confirm and block computers with an agent", TEAM),
    _describe("setup.read", "see the steps of the first run", OFFICE),
    _describe("setup.change", "answer the steps of the first run", TEAM),
    # Inventory.
    _describe("inventory.read", "see people, accounts and devices", OFFICE, scope=_SCHOOL),
    _describe("inventory.read_all", "see other things, doubtful pairs and names of tools", OFFICE),
    _describe("inventory.save_views", "save views of lists for themselves", EDITORS, scope=_OWN),
    _describe("inventory.share_views", "share views of lists, and delete shared ones", TEAM),
    _describe("inventory.answer", "decide whether records are the same, and which names are a tool's", TEAM),
    _describe("students.read", "see what is masked about students, and private reasons", EDITORS, scope=_SCHOOL),
    # Posture, vulnerabilities and fixes.
    _describe("posture.read", "see controls, findings, frameworks and settings of tenants", OFFICE),
    _describe("posture.accept", "accept findings, and withdraw their own acceptances", TEAM),
    _describe("posture.accept_any", "accept findings of any severity, and withdraw any acceptance", _ONLY_DIRECTOR),
    _describe("findings.work", "assign, start, note, finish and snooze findings and their rows", TEAM),
    _describe("attestations.answer", "ask for attestations, and answer them", EDITORS),
    _describe("vulnerabilities.read", "see vulnerabilities", OFFICE),
    _describe("vulnerabilities.suppress", "let vulnerabilities wait for a while", TEAM),
    _describe(
        "vulnerabilities.suppress_any",
        "let exploited or severe vulnerabilities wait, and withdraw any suppression",
        _ONLY_DIRECTOR,
    ),
    _describe("vulnerabilities.set_deadlines", "set the days until vulnerabilities are due", _ONLY_DIRECTOR),
    _describe("fixes.read", "see fix files", OFFICE),
    _describe("fixes.prepare", "prepare fix files, and discard them", TEAM),
    _describe("fixes.review", "review the rows of a fix file", TEAM),
    _describe("fixes.take", "take a fix file that somebody else reviewed too", TEAM),
    _describe(
        "fixes.take_alone", "take a fix file that they alone reviewed", _ONLY_DIRECTOR, grantable=_ONLY_TECHNICIAN
    ),
    # Alerts and incidents.
    _describe("alerts.read", "see alerts, incidents, rules and readiness", OFFICE),
    _describe("alerts.handle", "acknowledge, close and suppress alerts, and announce work", TEAM),
    _describe("alerts.withdraw_any", "withdraw suppressions of alerts that others made", _ONLY_DIRECTOR),
    _describe("alerts.set_rules", "import detection rules, and switch them", _ONLY_DIRECTOR),
    _describe("canaries.manage", "make, plant, test and retire canaries", TEAM),
    _describe("incidents.handle", "work on incidents, their files and the first hour", TEAM),
    # Rollouts, budget and tools.
    _describe("rollouts.read", "see rollouts, their plans and visits", OFFICE),
    _describe("rollouts.change", "plan rollouts, and record visits", TEAM),
    _describe("budget.read", "see refresh plans, breakage and aging", OFFICE),
    _describe("budget.change", "make and change refresh plans", TEAM),
    _describe("tools.read", "see tools, their use and their effects", OFFICE),
    _describe("tools.change", "study the effect of a tool", TEAM),
    _describe("tool_requests.ask", "ask for a tool, and withdraw what was asked", EDITORS),
    _describe("tool_requests.decide", "decide requests for tools", PRIVACY_TEAM),
    # Laws and privacy.
    _describe("duties.read", "see duties of laws, and vendors", OFFICE),
    _describe("duties.change", "answer, attest and hand over duties of laws", EDITORS),
    _describe("privacy.read", "see requests of families, disclosures, opt-outs and loose data", _PRIVACY_READERS),
    _describe("privacy.change", "handle requests of families, disclosures and opt-outs", PRIVACY_TEAM),
    _describe("privacy.erase", "erase a person", PRIVACY_TEAM),
    # Awareness and training.
    _describe("awareness.read", "see drills, trials, asks and courses", OFFICE),
    _describe("awareness.read_people", "see what single people did in drills and trials, and owe", TEAM),
    _describe("awareness.change", "assign courses, plan trials, decide exemptions, and coach", TEAM),
    _describe("awareness.name_coaches", "say who coaches", _ONLY_DIRECTOR),
    _describe_sensitive("staff_sign_in.manage", "say how staff sign in to their own pages"),
    # Reports and the audit trail.
    _describe("reports.read", "see and download reports", OFFICE),
    _describe("audit.read", "see, export and verify the audit trail", OFFICE),
    # Who gets in.
    _describe("permissions.read", "see who may do what", OFFICE),
    _describe_sensitive("permissions.grant", "grant and revoke permissions"),
    _describe("users.read", "see users, their roles and their last sign-in", _ONLY_DIRECTOR | {AUDITOR}),
    _describe_sensitive("users.manage", "add, deactivate and reset users, and end their sessions"),
    replace(
        _describe("tokens.use", "make API tokens, and revoke their own", TEAM, grantable=_OTHER_OFFICE, scope=_OWN),
        needs_recent_sign_in=True,
    ),
    _describe("tokens.read", "see the API tokens of all users", _ONLY_DIRECTOR | {AUDITOR}),
    _describe_sensitive("tokens.manage", "revoke any API token"),
    _describe_sensitive("sign_in.manage", "require a second factor, and say how the team signs in"),
    _describe("district.manage", "set the district's name and time zone", TEAM),
)

PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType({row.name: row for row in _TABLE})
"""The permissions by name, in the order in which pages list them."""
