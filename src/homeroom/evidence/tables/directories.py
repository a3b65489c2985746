"""Accounts, sign-ins and administrators, as directories report them."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STUDENT, B, D, L, S, T, Table, build_columns

ACCOUNT_RECORDS = Table(
    name="account_records",
    meaning="A sign-in account as one directory or report carries it.",
    derived=False,
    key=("key",),
    remembered=True,
    volatile=("last_sign_in", "never_signed_in"),
    columns=build_columns(
        STUDENT,
        ("key", T, "The source's own id of the account."),
        ("email", T, "Primary address or user principal name, in lower case."),
        ("directory_id", T, "The directory's immutable id where the export carries it."),
        ("aliases", L, "Further addresses, in lower case."),
        (
            "synced_ids",
            L,
            "Ids of the account in directories that are synchronized with its own, each as type:value.",
        ),
        ("given_name", T, "Given name as written."),
        ("family_name", T, "Family name as written."),
        ("external_ids", L, "Employee or student numbers that the directory keeps."),
        ("org_unit", T, "Organizational unit path, beginning with /."),
        ("suspended", B, "Whether the directory says that sign-in is blocked; null where it does not say."),
        ("archived", B, "Whether the directory says that the account is archived; null where it does not say."),
        ("super_admin", B, "Whether the account is a super (global) administrator."),
        ("delegated_admin", B, "Whether the account has a lesser administrator role."),
        ("any_admin", B, "Whether the source calls the account an administrator without saying of which kind."),
        ("mfa_enrolled", B, "Whether a second factor is registered."),
        ("mfa_enforced", B, "Whether a second factor is demanded at sign-in."),
        ("mfa_methods", L, "The registered methods, in the source's words."),
        ("last_sign_in", S, "The last sign-in; null where never or not known."),
        ("never_signed_in", B, "True where the source says that nobody ever signed in; null where it does not say."),
        ("created_at", S, "When the account was made."),
        ("recovery_set", B, "Whether a recovery address or phone is set."),
        ("title", T, "Job title as the directory has it."),
        ("department", T, "Department as the directory has it."),
        ("password_set_at", S, "When the password was last set."),
        ("password_never_expires", B, "Whether the password is exempt from expiring; null where it does not say."),
        ("password_not_required", B, "Whether the directory would accept an empty password."),
        ("password_reversible", B, "Whether the password is kept in a form that can be turned back."),
        ("preauth_not_required", B, "Whether sign-in is possible without Kerberos pre-authentication."),
        ("expires_on", D, "The day after which the directory blocks the account by itself; null where never."),
        (
            "service_names",
            L,
            "Names of services that the account answers for (SPN); null where it does not say.",
            PUBLIC,
        ),
        ("des_only", B, "Whether only DES is allowed to encrypt for it."),
        ("sid_history", B, "Whether it carries the id of an older account, and that one's rights."),
        ("delegates_anyone", B, "Whether it may act in the name of whoever signs in to it (unconstrained delegation)."),
        ("never_delegated", B, "Whether nothing may act in its name: marked so, or in Protected Users."),
        ("admin_mark", B, "Whether the directory marked it as an administrator's once (adminCount)."),
        ("protected_group", B, "Whether it is itself in a group of administrators that the directory protects."),
        ("ends_by_itself", B, "Whether it has a last day; null where the source does not say."),
    ),
)

SIGN_IN_RULES = Table(
    name="sign_in_rules",
    meaning="Where the district says that accounts of one directory really sign in.",
    derived=False,
    key=("directory", "org_unit", "domain"),
    columns=build_columns(
        PUBLIC,
        ("directory", T, "The directory whose accounts the rule covers, by connector name."),
        ("org_unit", T, "Unit that the rule covers with all below it; / for all."),
        ("domain", T, "Mail domain that the rule covers; empty for all."),
        ("provider", T, "The connector whose record judges the sign-in, such as microsoft; or other."),
    ),
)

AUTHORITIES = Table(
    name="authorities",
    meaning="Which source decides who of one kind belongs to the district.",
    derived=False,
    key=("kind", "authority"),
    columns=build_columns(
        PUBLIC,
        ("kind", T, "staff or student."),
        ("authority", T, "The connector whose complete loads decide."),
    ),
)

DISTRICT_FACTS = Table(
    name="district_facts",
    meaning="What the district is called, in which time zone it is, and what it states of itself for laws.",
    derived=False,
    key=("fact",),
    columns=build_columns(
        PUBLIC,
        ("fact", T, "name, timezone, or a fact that laws ask for, such as state."),
        ("value", T, "The name, the time zone by its IANA name, or the fact as text: NY, 2100, true."),
    ),
)
