"""Units, groups, settings, consented apps and logs of a tenant, as its consoles report them."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STAFF, STUDENT, B, I, L, S, T, Table, build_columns

ORG_UNITS = Table(
    name="org_units",
    meaning="An organizational unit of a directory.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the unit."),
        ("path", T, "Its path, beginning with /."),
        ("name", T, "Its name."),
        ("parent_path", T, "Path of the unit above it; null at the top."),
        ("description", T, "What somebody wrote about it."),
    ),
)

GROUPS = Table(
    name="groups",
    meaning="A group of accounts: a mailing list, a security group, a team.",
    derived=False,
    key=("key",),
    volatile=("members",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the group."),
        ("email", T, "Address, in lower case."),
        ("name", T, "Name."),
        ("description", T, "What somebody wrote about it."),
        ("kind", T, "security, mail, team or the source's own word."),
        ("members", I, "How many direct members the source counts; null where it does not say."),
        ("made_by_admin", B, "Whether an administrator made it; null where the source does not say."),
        ("external_members", B, "Whether people outside the district may be members; null where it does not say."),
        ("who_can_join", T, "The source's own word for who may join."),
        ("who_can_post", T, "The source's own word for who may post."),
        ("who_can_view", T, "The source's own word for who may read."),
    ),
)

GROUP_MEMBERS = Table(
    name="group_members",
    meaning="A member of a group.",
    derived=False,
    key=("group_key", "member_key"),
    columns=build_columns(
        STUDENT,
        ("group_key", T, "The group, by the source's id.", PUBLIC),
        ("member_key", T, "The member, by the source's id."),
        ("email", T, "Its address, in lower case."),
        ("kind", T, "user, group or the source's own word, in lower case.", PUBLIC),
        ("role", T, "owner, manager, member or the source's own word, in lower case.", PUBLIC),
    ),
)

SETTING_RECORDS = Table(
    name="setting_records",
    meaning="One setting of a tenant as a console or an export states it, at one unit or for the whole tenant.",
    derived=False,
    key=("suite", "unit", "group", "name"),
    columns=build_columns(
        PUBLIC,
        ("suite", T, "google or microsoft: the suite whose baseline reads it."),
        ("tenant", T, "The tenant's main domain."),
        ("unit", T, "Organizational unit, by path or name; empty for the whole tenant."),
        ("group", T, "Group that it is set for instead of a unit; empty where none."),
        ("name", T, "Name of the setting or of the list of policies, in the suite's own words."),
        ("value", T, "What it is set to, as JSON.", STAFF),
        ("stated_at", S, "When the console stated it."),
    ),
)

APP_GRANTS = Table(
    name="app_grants",
    meaning="An app that an account, or an administrator for everybody, let into a tenant.",
    derived=False,
    key=("account_key", "app_key", "kind"),
    columns=build_columns(
        STUDENT,
        ("account_key", T, "The account, by the source's id; empty where granted for everybody."),
        ("email", T, "Its address, in lower case."),
        ("app_key", T, "The source's own id of the app (client id, service principal).", PUBLIC),
        ("app_name", T, "Name of the app.", PUBLIC),
        ("publisher", T, "Who publishes it.", PUBLIC),
        ("verified", B, "Whether the suite verified the publisher; null where it does not say.", PUBLIC),
        ("kind", T, "delegated (acts as the account) or application (acts by itself).", PUBLIC),
        ("scopes", L, "What it may do, in the suite's own words.", PUBLIC),
        ("granted_at", S, "When it was let in.", PUBLIC),
    ),
)
