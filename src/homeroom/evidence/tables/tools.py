"""Extensions of browsers, what the district states of its tools and needs, and the tools that all records name."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, D, I, L, T, Table, build_columns

MADE_BY = "tools"

EXTENSION_RECORDS = Table(
    name="extension_records",
    meaning="An app or extension of Chrome as the tenant counts it, in one unit or everywhere.",
    derived=False,
    key=("app_key", "org_unit", "install_kind"),
    columns=build_columns(
        PUBLIC,
        ("app_key", T, "The id of the app or extension, as the Chrome Web Store has it."),
        ("name", T, "Its name."),
        ("kind", T, "extension, app, theme, hosted_app, android_app or the suite's own word."),
        ("install_kind", T, "How it came there: admin, normal, development, sideload or other; empty where not said."),
        ("source", T, "From where: chrome_webstore, play_store or the suite's own word."),
        ("browsers", I, "On how many browsers and devices it is installed; null where not counted."),
        ("users", I, "How many signed-in people of ChromeOS have it; null where not counted."),
        ("disabled", B, "Whether it is switched off."),
        ("homepage", T, "Its page."),
        ("permissions", L, "What it may do, in the suite's own words."),
        ("org_unit", T, "The organizational unit that was counted; empty for all."),
    ),
)

TOOL_RECORDS = Table(
    name="tool_records",
    meaning="What the district states of one of its tools, in place of what content says of it.",
    derived=False,
    key=("name",),
    columns=build_columns(
        PUBLIC,
        ("name", T, "The tool's name."),
        ("also", L, "Its other names and domains."),
        ("does", L, "The capabilities that it is for, by id; null where not stated."),
        ("also_does", L, "Other capabilities that it has, by id; null where not stated."),
        ("season_from", T, "First day of the part of a year in which it is used, as MM-DD; null for all year."),
        ("season_until", T, "Last day of that part, as MM-DD."),
    ),
)

NEED_RECORDS = Table(
    name="need_records",
    meaning="A capability that the district states that it needs, in place of what content says.",
    derived=False,
    key=("capability",),
    columns=build_columns(
        PUBLIC,
        ("capability", T, "The capability by its id."),
        (
            "audience",
            T,
            "For whom: students, staff, everybody, computers, chromebooks, tablets or district; null as content says.",
        ),
    ),
)

TOOLS = Table(
    name="tools",
    meaning="A tool, which is what people call one product, with what the portfolio finds of it.",
    derived=True,
    engine=MADE_BY,
    key=("id",),
    resource_kind="tool",
    label="name",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The tool, the same number in every run."),
        ("name", T, "What people call it."),
        ("tool", T, "Its id as homeroom tools prints it."),
        ("known", T, "content, stated (by the district) or name (by its name alone)."),
        ("does", L, "The capabilities that it is for, by id."),
        ("also_does", L, "Capabilities that come with it, by id."),
        ("runs", B, "Whether it runs today, by a contract or other evidence."),
        ("schools", L, "Schools where it runs, by name."),
        ("costs", B, "Whether its running contracts cost money; null where no price is written."),
        ("year_minor", I, "A year of its running contracts in minor units; null where a price or one currency lacks."),
        ("currency", T, "Currency of that amount, ISO 4217."),
        ("seats", I, "Seats of its running contracts; null where any does not say."),
        ("users", I, "Users of the newest period of use; null where no list of use has it."),
        ("hollow", T, "not working, not deployed, silent or not used; null where it is sound or cannot be judged."),
        ("cannot_tell", T, "Why it cannot be judged; null where it can or costs nothing."),
        (
            "checked",
            L,
            "What was checked, up to the first that fails: works, deployed, reports, used; null if it is free.",
        ),
        ("works", B, "Whether most of its systems were backed up in 7 days; null where unknown or not checked."),
        ("deployed", B, "Whether half of the devices that it is for have it; null where unknown or not checked."),
        ("reports", B, "Whether over half of its devices reported lately; null where unknown or not checked."),
        ("used", B, "Whether at least a tenth of its seats or people use it; null where unknown or not checked."),
        ("paid_twice", L, "Paid tools that do the same where it runs, by id."),
        ("owned_already", L, "Tools that do all that it is for where it runs, by id."),
    ),
)

TOOL_COVER = Table(
    name="tool_cover",
    meaning="A capability that a running tool has in a school, for an audience.",
    derived=True,
    engine=MADE_BY,
    key=("capability", "school", "audience", "tool"),
    columns=build_columns(
        PUBLIC,
        ("capability", T, "The capability by its id."),
        ("school", T, "The school by name."),
        ("audience", T, "students, staff, everybody, computers, chromebooks, tablets or district."),
        ("tool", I, "The tool."),
        ("main", B, "Whether the tool is for it; false where it comes with the tool."),
    ),
)

TOOL_LINKS = Table(
    name="tool_links",
    meaning="A record that names a tool: where the tool was read from.",
    derived=True,
    engine=MADE_BY,
    key=("tool", "record_table", "record_key"),
    columns=build_columns(
        PUBLIC,
        ("tool", I, "The tool."),
        ("record_table", T, "The table that holds the record."),
        ("record_key", T, "The record's id there, else the name as it is written."),
    ),
)

TOOL_CONTRACTS = Table(
    name="tool_contracts",
    meaning="A contract for a tool, with what a year of it costs.",
    derived=True,
    engine=MADE_BY,
    key=("tool", "contract"),
    columns=build_columns(
        PUBLIC,
        ("tool", I, "The tool."),
        ("contract", T, "The contract, as its list identifies it."),
        ("year_minor", I, "What a year costs in minor units; null where no price is written."),
    ),
)

TOOL_OVERLAPS = Table(
    name="tool_overlaps",
    meaning="Two running tools that do the same where they meet.",
    derived=True,
    engine=MADE_BY,
    key=("kind", "first", "second", "capability"),
    columns=build_columns(
        PUBLIC,
        ("kind", T, "paid twice or owned already."),
        ("first", I, "The tool that comes first by its id; of what is owned already, the paid tool."),
        ("second", I, "The other; of what is owned already, the tool that has all of it."),
        ("capability", T, "The capability by its id."),
        ("schools", L, "Schools where both run; null where both run in the district only."),
        ("people", I, "Students, else people, in those schools."),
        ("dollars_minor", I, "A year of the cheaper tool there, in minor units; null where a price is missing."),
    ),
)

TOOL_NEEDS = Table(
    name="tool_needs",
    meaning="A capability that the district needs, and whether a running tool has it.",
    derived=True,
    engine=MADE_BY,
    key=("id",),
    resource_kind="need",
    label="capability",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The need, the same number in every run."),
        ("capability", T, "The capability by its id."),
        ("audience", T, "For whom: students, staff, everybody, computers, chromebooks, tablets or district."),
        ("because", T, "Why it is needed."),
        ("covered", B, "Whether running tools have it for all of its audience; null where nobody can tell."),
        ("gap", T, "none (no tool has it) or part (not in all schools); null where it is covered or unknown."),
        ("schools", L, "The schools without it, by name; null where it is missing everywhere or nowhere."),
        ("cannot_tell", T, "Why nobody can tell; null where it is known."),
    ),
)

TOOL_HOLLOW = Table(
    name="tool_hollow",
    meaning="A tool that is paid for and does little.",
    derived=True,
    engine=MADE_BY,
    key=("tool",),
    columns=build_columns(
        PUBLIC,
        ("tool", I, "The tool."),
        ("kind", T, "not working, not deployed, silent or not used."),
        ("total", I, "How many systems, devices, seats or people should have it."),
        ("working", I, "How many of them have it and use it."),
        ("dollars_minor", I, "A year of its running contracts in minor units; null where a price is missing."),
    ),
)

TOOL_RENEWALS = Table(
    name="tool_renewals",
    meaning="A contract to decide in the next 120 days, and what is suggested.",
    derived=True,
    engine=MADE_BY,
    key=("id",),
    resource_kind="renewal",
    label="contract",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The renewal, the same number in every run."),
        ("position", I, "Its place among the renewals: the earliest to decide is 0."),
        ("contract", T, "The contract, as its list identifies it."),
        ("tool", I, "The tool."),
        ("suggestion", T, "too late, drop, choose, cannot tell, fewer or keep."),
        ("seats", I, "Seats that would do; null but for fewer."),
        ("notice_on", D, "Last day to give notice; null where none is set."),
        ("ends_on", D, "Last day; null where it is open."),
        ("dollars_minor", I, "A year of it in minor units; null where no price is written."),
        ("why", T, "Why that is suggested."),
    ),
)
