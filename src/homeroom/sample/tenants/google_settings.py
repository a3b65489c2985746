"""Google tenant settings besides sharing and apps: at the top and for students, named as in the Policy API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class GoogleSetting:
    """One setting: its value at the top, its value for students where that differs, and what is true of both.

    `fails` and `students_fail` are whether the policy fails there; `near` is the reason why it only seems to fail for
    students.
    """

    policy: str
    setting: str
    top: dict[str, Any]
    fails: bool = False
    students: dict[str, Any] | None = None
    students_fail: bool = False
    near: str = "Stricter for students than for everybody else."


def _build_setting(
    policy: str,
    setting: str,
    name: str,
    top: Any,
    students: Any = None,
    *,
    fails: bool = False,
    fails_everywhere: bool = False,
) -> GoogleSetting:
    """Build a setting of a single value, which fails at the top alone or everywhere."""
    return GoogleSetting(
        policy=policy,
        setting=setting,
        top={name: top},
        fails=fails or fails_everywhere,
        students=None if students is None else {name: students},
        students_fail=fails_everywhere,
    )


GOOGLE_SETTINGS: Final = (
    _build_setting("gmail-no-forwarding", "gmail.auto_forwarding", "enableAutoForwarding", True, False, fails=True),
    _build_setting(
        "gmail-no-imports", "gmail.user_email_uploads", "enableMailAndContactsImport", True, False, fails=True
    ),
    _build_setting("gmail-delegation", "gmail.mail_delegation", "enableMailDelegation", False),
    _build_setting(
        "gmail-no-outbound-gateways", "gmail.per_user_outbound_gateway", "allowUsersToUseExternalSmtpServers", False
    ),
    _build_setting("gmail-short-links", "gmail.links_and_external_images", "enableShortenerScanning", True),
    _build_setting(
        "gmail-encrypted-attachments",
        "gmail.email_attachment_safety",
        "enableEncryptedAttachmentProtection",
        False,
        fails_everywhere=True,
    ),
    _build_setting(
        "calendars-show-free-and-busy",
        "calendar.primary_calendar_max_allowed_external_sharing",
        "maxAllowedExternalSharing",
        "EXTERNAL_ALL_INFO_READ_ONLY",
        "EXTERNAL_FREE_BUSY_ONLY",
        fails=True,
    ),
    _build_setting("warn-before-inviting-outsiders", "calendar.external_invitations", "warnOnInvite", True),
    GoogleSetting(
        policy="chat-outside-only-with-known-domains",
        setting="chat.external_chat_restriction",
        top={"allowExternalChat": True, "externalChatRestriction": "TRUSTED_DOMAINS"},
        students={"allowExternalChat": False, "externalChatRestriction": "NO_RESTRICTION"},
        near="No restriction is set, and nobody outside can be written to.",
    ),
    _build_setting("chat-history-is-on", "chat.chat_history", "historyOnByDefault", True),
    _build_setting("classes-for-our-own-people", "classroom.class_membership", "whoCanJoinClasses", "ANYONE_IN_DOMAIN"),
    _build_setting(
        "teachers-unenroll-students", "classroom.student_unenrollment", "whoCanUnenrollStudents", "TEACHERS_ONLY"
    ),
    _build_setting(
        "verified-teachers-make-classes",
        "classroom.teacher_permissions",
        "whoCanCreateClasses",
        "ANYONE_IN_DOMAIN",
        fails_everywhere=True,
    ),
    _build_setting("no-less-secure-apps", "security.less_secure_apps", "allowLessSecureApps", False),
    _build_setting(
        "no-recovery-for-users", "security.user_account_recovery", "enableAccountRecovery", True, False, fails=True
    ),
    GoogleSetting(
        policy="passwords-of-12",
        setting="security.password",
        top={"minimumLength": 12, "allowedStrength": "STRONG"},
        students={"minimumLength": 8, "allowedStrength": "STRONG"},
        near="Eight letters do for students.",
    ),
    _build_setting(
        "internal-apps-are-approved-too", "api_controls.internal_apps", "trustInternalApps", True, fails_everywhere=True
    ),
    GoogleSetting(
        policy="only-approved-marketplace-apps",
        setting="workspace_marketplace.apps_access_options",
        top={"accessLevel": "ALLOW_ALL", "allowAllInternalApps": True},
        fails=True,
        students={"accessLevel": "ALLOW_LISTED_APPS", "allowAllInternalApps": False},
        near="Only those on the list.",
    ),
    _build_setting(
        "strangers-knock-at-meetings", "meet.meet_joining", "allowedAudience", "OPEN", "RESTRICTED", fails=True
    ),
    _build_setting("hosts-run-their-meetings", "meet.safety_host_management", "enableHostManagement", True),
    _build_setting(
        "outsiders-are-marked-in-meetings", "meet.safety_external_participants", "enableExternalLabel", True
    ),
    GoogleSetting(
        policy="groups-without-outsiders",
        setting="groups_for_business.groups_sharing",
        top={"ownersCanAllowExternalMembers": True, "collaborationCapability": "DOMAIN_USERS_ONLY"},
        fails=True,
        students_fail=True,
    ),
    _build_setting("no-early-access-apps", "early_access_apps.service_status", "serviceState", "DISABLED"),
)


def list_setting_values() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (unit, setting, value): the top, which has an empty name, and the unit of students where it differs."""
    for google_setting in GOOGLE_SETTINGS:
        yield "", google_setting.setting, google_setting.top
        if google_setting.students is not None:
            yield "/Students", google_setting.setting, google_setting.students


def list_expected_policies(paths: Sequence[str]) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Yield (policy, units that fail, reasons why others only seem to fail) over all units.

    Units of students are below /Students.
    """
    students = [path for path in paths if f"{path}/".startswith("/Students/")]
    non_student_units = ["/", *(path for path in paths if path not in students)]
    for google_setting in GOOGLE_SETTINGS:
        failing = [
            *(non_student_units if google_setting.fails else []),
            *(students if google_setting.students_fail else []),
        ]
        near = (
            {}
            if google_setting.students is None or google_setting.students_fail
            else dict.fromkeys(students, google_setting.near)
        )
        if failing or near:
            yield google_setting.policy, failing, near
