"""What the Google tenant is set to besides sharing and apps: at the top, and otherwise for pupils, as the Policy API names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Habit:
    """One setting: what it is at the top, what it is for pupils where that differs, and what is true of both.

    `fails` and `pupils_fail` say whether the policy fails there; `near` is why it only seems to for pupils.
    """

    policy: str
    setting: str
    top: dict[str, Any]
    fails: bool = False
    pupils: dict[str, Any] | None = None
    pupils_fail: bool = False
    near: str = "Stricter for pupils than for everybody else."


def _one(policy: str, setting: str, name: str, top: Any, pupils: Any = None, *, fails: bool = False, everywhere: bool = False) -> Habit:  # fmt: skip
    """A habit of a single value, which fails at the top alone or everywhere."""
    return Habit(
        policy=policy,
        setting=setting,
        top={name: top},
        fails=fails or everywhere,
        pupils=None if pupils is None else {name: pupils},
        pupils_fail=everywhere,
    )


HABITS: Final = (
    _one("gmail-no-forwarding", "gmail.auto_forwarding", "enableAutoForwarding", True, False, fails=True),
    _one("gmail-no-imports", "gmail.user_email_uploads", "enableMailAndContactsImport", True, False, fails=True),
    _one("gmail-delegation", "gmail.mail_delegation", "enableMailDelegation", False),
    _one("gmail-no-outbound-gateways", "gmail.per_user_outbound_gateway", "allowUsersToUseExternalSmtpServers", False),
    _one("gmail-short-links", "gmail.links_and_external_images", "enableShortenerScanning", True),
    _one("gmail-encrypted-attachments", "gmail.email_attachment_safety", "enableEncryptedAttachmentProtection", False, everywhere=True),
    _one(
        "calendars-show-free-and-busy", "calendar.primary_calendar_max_allowed_external_sharing", "maxAllowedExternalSharing",
        "EXTERNAL_ALL_INFO_READ_ONLY", "EXTERNAL_FREE_BUSY_ONLY", fails=True,
    ),
    _one("warn-before-inviting-outsiders", "calendar.external_invitations", "warnOnInvite", True),
    Habit(
        policy="chat-outside-only-with-known-domains", setting="chat.external_chat_restriction",
        top={"allowExternalChat": True, "externalChatRestriction": "TRUSTED_DOMAINS"},
        pupils={"allowExternalChat": False, "externalChatRestriction": "NO_RESTRICTION"},
        near="No restriction is set, and nobody outside can be written to.",
    ),
    _one("chat-history-is-on", "chat.chat_history", "historyOnByDefault", True),
    _one("classes-for-our-own-people", "classroom.class_membership", "whoCanJoinClasses", "ANYONE_IN_DOMAIN"),
    _one("teachers-unenrol-pupils", "classroom.student_unenrollment", "whoCanUnenrollStudents", "TEACHERS_ONLY"),
    _one("verified-teachers-make-classes", "classroom.teacher_permissions", "whoCanCreateClasses", "ANYONE_IN_DOMAIN", everywhere=True),
    _one("no-less-secure-apps", "security.less_secure_apps", "allowLessSecureApps", False),
    _one("no-recovery-for-users", "security.user_account_recovery", "enableAccountRecovery", True, False, fails=True),
    Habit(
        policy="passwords-of-12", setting="security.password",
        top={"minimumLength": 12, "allowedStrength": "STRONG"}, pupils={"minimumLength": 8, "allowedStrength": "STRONG"},
        near="Eight letters do for pupils.",
    ),
    _one("internal-apps-are-approved-too", "api_controls.internal_apps", "trustInternalApps", True, everywhere=True),
    Habit(
        policy="only-approved-marketplace-apps", setting="workspace_marketplace.apps_access_options",
        top={"accessLevel": "ALLOW_ALL", "allowAllInternalApps": True}, fails=True,
        pupils={"accessLevel": "ALLOW_LISTED_APPS", "allowAllInternalApps": False}, near="Only those on the list.",
    ),
    _one("strangers-knock-at-meetings", "meet.meet_joining", "allowedAudience", "OPEN", "RESTRICTED", fails=True),
    _one("hosts-run-their-meetings", "meet.safety_host_management", "enableHostManagement", True),
    _one("outsiders-are-marked-in-meetings", "meet.safety_external_participants", "enableExternalLabel", True),
    Habit(
        policy="groups-without-outsiders", setting="groups_for_business.groups_sharing",
        top={"ownersCanAllowExternalMembers": True, "collaborationCapability": "DOMAIN_USERS_ONLY"}, fails=True, pupils_fail=True,
    ),
    _one("no-early-access-apps", "early_access_apps.service_status", "serviceState", "DISABLED"),
)  # fmt: skip


def placed() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(unit, setting, value): the top, which is written without a name, and the unit of pupils where that differs."""
    for habit in HABITS:
        yield "", habit.setting, habit.top
        if habit.pupils is not None:
            yield "/Students", habit.setting, habit.pupils


def stated(paths: Sequence[str]) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """(policy, units that fail, why others only seem to) over every unit; those of pupils lie below /Students."""
    pupils = [path for path in paths if f"{path}/".startswith("/Students/")]
    others = ["/", *(path for path in paths if path not in pupils)]
    for habit in HABITS:
        failing = [*(others if habit.fails else []), *(pupils if habit.pupils_fail else [])]
        near = {} if habit.pupils is None or habit.pupils_fail else dict.fromkeys(pupils, habit.near)
        if failing or near:
            yield habit.policy, failing, near
