"""What events of logs mean for the reach of an incident, as a table by product and event.

Sources: Google Admin SDK Reports API v1 (drive, token, admin, user_accounts, takeout), Microsoft Purview audit log
activities, Entra audit activities, and Windows security auditing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.domain.protect.incidents.reach import ReachKind

_GOOGLE, _OFFICE, _ENTRA, _WINDOWS = "google_workspace", "m365", "azure", "windows"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachRule:
    """What an event reached: `word` is what was done; the others name fields, those with a value first come first.

    `outside` is the answer that the event itself gives, where it is not read from a field.
    """

    kind: ReachKind
    word: str
    name: tuple[str, ...]
    id: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    outside: bool | None = None


type _Entry = tuple[tuple[str, str], ReachRule]


def _list_rules(product: str, words: Mapping[str, str], **values: Any) -> list[_Entry]:
    """Return the rules of events that have all but the word in common."""
    return [((product, event), ReachRule(word=word, **values)) for event, word in words.items()]


_DOC: Mapping[str, Any] = {
    "name": ("parameters.doc_title", "parameters.doc_id"),
    "id": ("parameters.doc_id",),
    "owner": ("parameters.owner",),
}
_FILE: Mapping[str, Any] = {"name": ("SourceFileName", "ObjectId"), "id": ("ObjectId",), "owner": ("SiteUrl",)}
_RULE_NOTES = (
    *("Parameters.ForwardTo", "Parameters.RedirectTo", "Parameters.ForwardAsAttachmentTo"),
    *("Parameters.ForwardingSmtpAddress", "Parameters.ForwardingAddress", "Parameters.BlindCopyTo"),
    *("Parameters.MoveToFolder", "Parameters.DeleteMessage", "Parameters.User", "Parameters.AccessRights"),
)
_MEMBER = ("MemberName", "TargetUserName", "MemberSid", "TargetSid")

_ENTRIES: tuple[_Entry, ...] = (
    *_list_rules(
        product=_GOOGLE,
        kind=ReachKind.DOCUMENT,
        words={
            "view": "opened",
            "preview": "opened",
            "access_item_content": "opened",
            "download": "downloaded",
            "source_copy": "copied",
            "copy": "copied",
            "email_as_attachment": "mailed",
            "print": "printed",
            "edit": "changed",
            "create": "made",
            "upload": "uploaded",
            "rename": "renamed",
            "move": "moved",
            "trash": "deleted",
            "delete": "deleted",
            "untrash": "restored",
            "add_to_folder": "moved",
            "change_user_access": "sharing changed",
            "change_user_access_hierarchy_reconciled": "sharing changed",
            "change_document_visibility": "sharing changed",
            "change_document_access_scope": "sharing changed",
            "change_acl_editors": "sharing changed",
            "change_owner": "owner changed",
            "shared_drive_membership_change": "sharing changed",
        },
        notes=("parameters.target_user", "parameters.target_domain"),
        **_DOC,
    ),
    *_list_rules(
        product=_GOOGLE,
        kind=ReachKind.DOCUMENT,
        words={
            "started_user_takeout": "data exported",
            "completed_user_takeout": "data exported",
            "downloaded_user_takeout": "data export downloaded",
            "user_takeout_download": "data export downloaded",
        },
        name=("parameters.USER_EMAIL", "parameters.TAKEOUT_DESTINATION", "parameters.INITIATED_BY"),
        notes=("parameters.PRODUCTS_REQUESTED",),
    ),
    *_list_rules(
        product=_GOOGLE,
        kind=ReachKind.APP,
        words={"authorize": "let in"},
        name=("parameters.app_name", "parameters.client_id"),
        id=("parameters.client_id",),
        notes=("parameters.scope",),
    ),
    *_list_rules(
        product=_GOOGLE,
        kind=ReachKind.APP,
        words={
            "authorize_api_client_access": "let in for everybody",
            "add_to_trusted_oauth2_apps": "trusted",
            "allow_domain_owned_apps": "trusted",
        },
        name=("parameters.OAUTH2_APP_NAME", "parameters.API_CLIENT_NAME", "parameters.OAUTH2_APP_ID"),
        id=("parameters.API_CLIENT_NAME", "parameters.OAUTH2_APP_ID"),
        notes=("parameters.API_SCOPES",),
    ),
    *_list_rules(
        product=_GOOGLE,
        kind=ReachKind.MAIL,
        words={
            "email_forwarding_out_of_domain": "forwards mail",
            "email_forwarding_change": "forwards mail",
            "create_email_monitor": "copies mail",
            "create_gmail_setting": "mail setting made",
            "change_gmail_setting": "mail setting changed",
            "create_mail_delegate": "lets somebody read mail",
            "delegate_added": "lets somebody read mail",
        },
        name=(
            *("parameters.email_forwarding_destination_address", "parameters.EMAIL_FORWARDING_DESTINATION_ADDRESS"),
            *("parameters.delegate", "parameters.EMAIL_MONITOR_DEST_EMAIL", "parameters.SETTING_NAME"),
            "parameters.USER_EMAIL",
        ),
        notes=("parameters.USER_EMAIL", "parameters.USER_DEFINED_SETTING_NAME"),
    ),
    *_list_rules(
        product=_GOOGLE,
        kind=ReachKind.ACCOUNT,
        words={
            "password_edit": "password changed",
            "recovery_email_edit": "recovery address changed",
            "recovery_phone_edit": "recovery phone changed",
            "recovery_secret_qa_edit": "recovery question changed",
            "2sv_disable": "second step turned off",
            "2sv_enroll": "second step added",
            "titanium_enroll": "advanced protection on",
            "titanium_unenroll": "advanced protection off",
        },
        name=("parameters.affected_email_address", "actor.email"),
    ),
    *_list_rules(
        product=_OFFICE,
        kind=ReachKind.DOCUMENT,
        words={
            "fileaccessed": "opened",
            "fileaccessedextended": "opened",
            "filepreviewed": "opened",
            "filedownloaded": "downloaded",
            "filesyncdownloadedfull": "downloaded",
            "filecopied": "copied",
            "filemodified": "changed",
            "filemodifiedextended": "changed",
            "fileuploaded": "uploaded",
            "filemoved": "moved",
            "filerenamed": "renamed",
            "filedeleted": "deleted",
            "filerecycled": "deleted",
            "filerestored": "restored",
            "sharingset": "sharing changed",
            "sharinginheritancebroken": "sharing changed",
        },
        notes=("TargetUserOrGroupName",),
        **_FILE,
    ),
    *_list_rules(
        product=_OFFICE,
        kind=ReachKind.DOCUMENT,
        words={
            "anonymouslinkcreated": "opened to everybody with the link",
            "anonymouslinkupdated": "opened to everybody with the link",
            "anonymouslinkused": "opened by a link",
            "sharinginvitationcreated": "shared by invitation",
            "sharinginvitationaccepted": "shared by invitation",
        },
        notes=("TargetUserOrGroupName",),
        outside=True,
        **_FILE,
    ),
    *_list_rules(
        product=_OFFICE,
        kind=ReachKind.DOCUMENT,
        words={"companylinkcreated": "shared within the district"},
        outside=False,
        **_FILE,
    ),
    *_list_rules(
        product=_OFFICE,
        kind=ReachKind.MAIL,
        words={
            "new-inboxrule": "mail rule made",
            "set-inboxrule": "mail rule changed",
            "enable-inboxrule": "mail rule changed",
            "updateinboxrules": "mail rule changed",
            "new-transportrule": "mail rule for everybody made",
            "set-transportrule": "mail rule for everybody changed",
        },
        name=("Parameters.Name", "Parameters.Identity", "OperationProperties.RuleName", "ObjectId", "MailboxOwnerUPN"),
        notes=_RULE_NOTES,
    ),
    *_list_rules(
        product=_OFFICE,
        kind=ReachKind.MAIL,
        words={
            "set-mailbox": "mailbox changed",
            "add-mailboxpermission": "lets somebody read mail",
            "add-recipientpermission": "lets somebody send mail",
            "addfolderpermissions": "lets somebody read mail",
            "new-mailboxexportrequest": "mail exported",
        },
        name=("Parameters.Identity", "ObjectId", "MailboxOwnerUPN"),
        notes=_RULE_NOTES,
    ),
    *_list_rules(
        product=_OFFICE,
        kind=ReachKind.MAIL,
        words={
            "mailitemsaccessed": "mail read",
            "send": "mail sent",
            "sendas": "mail sent as somebody else",
            "sendonbehalf": "mail sent as somebody else",
            "harddelete": "mail deleted for good",
            "softdelete": "mail deleted",
            "movetodeleteditems": "mail deleted",
        },
        name=("MailboxOwnerUPN", "UserId"),
    ),
    *(
        entry
        for product in (_ENTRA, _OFFICE)
        for entry in _list_rules(
            product=product,
            kind=ReachKind.APP,
            words={
                "consent to application": "let in",
                "add oauth2permissiongrant": "let in",
                "add delegated permission grant": "let in",
                "add app role assignment to service principal": "rights added",
                "add app role assignment grant to user": "let in",
                "add service principal": "made",
                "add service principal credentials": "key added",
                "add application": "made",
                "update application": "changed",
                "update application – certificates and secrets management": "key added",
            },
            name=("targetResources.displayName", "Target.ID", "ObjectId"),
            id=("targetResources.id", "ObjectId"),
            notes=("ConsentAction.Permissions",),
        )
    ),
    *(
        entry
        for product in (_ENTRA, _OFFICE)
        for entry in _list_rules(
            product=product,
            kind=ReachKind.ACCOUNT,
            words={
                "add user": "made",
                "delete user": "deleted",
                "update user": "changed",
                "disable account": "blocked",
                "enable account": "let back in",
                "reset user password": "password reset",
                "reset password (by admin)": "password reset",
                "change user password": "password changed",
                "change password (self-service)": "password changed",
                "reset password (self-service)": "password reset",
                "set force change user password": "password reset",
                "add member to role": "role given",
                "add eligible member to role": "role given",
                "add member to group": "put into a group",
                "add owner to group": "put into a group",
                "invite external user": "guest invited",
                "user registered security info": "second step added",
                "user registered all required security info": "second step added",
                "user deleted security info": "second step removed",
                "admin registered security info": "second step added",
                "admin deleted security info": "second step removed",
                "disable strong authentication": "second step turned off",
                "update stsrefreshtokenvalidfrom timestamp": "signed out",
            },
            name=("targetResources.userPrincipalName", "ObjectId", "targetResources.displayName", "UserId"),
            notes=("Role.DisplayName", "Group.DisplayName"),
        )
    ),
    *_list_rules(
        product=_WINDOWS,
        kind=ReachKind.ACCOUNT,
        words={
            "4720": "made",
            "4722": "let back in",
            "4723": "password changed",
            "4724": "password reset",
            "4725": "blocked",
            "4726": "deleted",
            "4738": "changed",
            "4740": "locked out",
            "4767": "unlocked",
            "4781": "renamed",
            "4741": "made",
        },
        name=("TargetUserName", "NewTargetUserName", "TargetSid"),
    ),
    *_list_rules(
        product=_WINDOWS,
        kind=ReachKind.ACCOUNT,
        words={"4728": "put into a group", "4732": "put into a group", "4756": "put into a group"},
        name=_MEMBER,
        notes=("TargetUserName",),
    ),
    *_list_rules(
        product=_WINDOWS,
        kind=ReachKind.COMPUTER,
        words={"4624": "signed in to", "4648": "signed in to", "4778": "signed in to", "1149": "signed in to"},
        name=("Computer",),
    ),
    *_list_rules(
        product=_WINDOWS,
        kind=ReachKind.COMPUTER,
        words={"4697": "service installed", "7045": "service installed", "4698": "task planned", "1102": "log cleared"},
        name=("Computer",),
        notes=("ServiceName", "TaskName"),
    ),
    *_list_rules(
        product=_WINDOWS,
        kind=ReachKind.DOCUMENT,
        words={"5145": "opened on a share"},
        name=("RelativeTargetName", "ShareName"),
        owner=("ShareName",),
    ),
    *_list_rules(
        product=_WINDOWS,
        kind=ReachKind.DOCUMENT,
        words={"4663": "opened", "4660": "deleted"},
        name=("ObjectName",),
    ),
)


_RULES: Mapping[tuple[str, str], ReachRule] = dict(_ENTRIES)
_DEFAULTS: Mapping[tuple[str, str], ReachRule] = {
    (_GOOGLE, "admin"): ReachRule(
        kind=ReachKind.ACCOUNT,
        word="",
        name=("parameters.USER_EMAIL", "parameters.GROUP_EMAIL"),
        notes=("parameters.ROLE_NAME", "parameters.GROUP_EMAIL"),
    ),
    (_GOOGLE, "drive"): ReachRule(kind=ReachKind.DOCUMENT, word="", notes=("parameters.target_user",), **_DOC),
}
"""Rules of services for events that are none of the above, if the fields of the name have a value."""


def find_reach_rule(product: str, service: str, event: str) -> ReachRule | None:
    """Return what an event means for reach, or None; one without a word is about an event of any name."""
    key = event.strip().rstrip(".").casefold()
    return _RULES.get((product, key)) or _DEFAULTS.get((product, service))


OUTSIDE_VALUES: Mapping[str, Mapping[str, bool]] = {
    "parameters.visibility": {
        "shared_externally": True,
        "people_with_link": True,
        "public_on_the_web": True,
        "public_in_the_domain": False,
        "people_within_domain_with_link": False,
        "shared_internally": False,
        "private": False,
    },
    "parameters.visibility_change": {"external": True},
    "TargetUserOrGroupType": {"guest": True, "member": False},
}
"""By field and value: whether a document is open to somebody outside the district."""
