"""Loose student data: documents that a scan read or could not read, and files that are shared in a drive."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STAFF, STUDENT, B, I, L, S, T, Table, build_columns

LOOSE_FILE_RECORDS = Table(
    name="loose_file_records",
    meaning="A document that a scan for loose student data read, or could not read; never a value of it.",
    derived=False,
    key=("path",),
    columns=build_columns(
        PUBLIC,
        ("path", T, "Its path below what was scanned, with ! before a member or an attachment.", STUDENT),
        ("kind", T, "What the document is by its content; null where it was not read."),
        ("unread", T, "Why it was not read: locked, damaged, no text, too large or unknown kind; null where it was."),
        ("owner", T, "The account that owns the file.", STAFF),
        ("students", I, "How many students of the roster are in it."),
        ("kinds", L, "The kinds of student data in it."),
        ("counts", L, "How much of each kind: distinct values, and students where the kind is words."),
        ("places", L, "Where the first of each kind are: sheet or page, and row or line."),
        ("shapes", L, "The shape of the first number of a kind, such as ###-##-####."),
    ),
)

SHARED_FILE_RECORDS = Table(
    name="shared_file_records",
    meaning="A file of a drive, as a console lists it, with who may open it.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the file."),
        ("title", T, "Its title.", STUDENT),
        ("owner_email", T, "The address of its owner, in lower case.", STUDENT),
        ("kind", T, "What the source calls its kind."),
        ("access", T, "Who may open it: anyone, domain (who works or learns here), people (those who are named)."),
        ("findable", B, "Whether it can be searched for by those who may open it; null where the source does not say."),
        ("writable", B, "Whether anyone or the domain may change it; null where only named people may open it."),
        ("people", I, "How many people and groups are named who may open it."),
        ("modified_at", S, "When it was changed last."),
    ),
)

LOOSE_FILES = Table(
    name="loose_files",
    meaning="A document that a scan for loose student data read, or could not read; never a value of it.",
    derived=True,
    key=("id",),
    resource_kind="document",
    label="path",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The document, from the identity ledger."),
        ("path", T, "Its path below what was scanned, with ! before a member or an attachment.", STUDENT),
        ("kind", T, "What the document is by its content; null where it was not read."),
        ("unread", T, "Why it was not read; null where it was."),
        ("owner", T, "The account that owns the file.", STAFF),
        ("students", I, "How many students of the roster are in it."),
        ("kinds", L, "The kinds of student data in it; null where it was not read."),
        ("counts", L, "How much of each kind."),
        ("places", L, "Where the first of each kind are."),
        ("shapes", L, "The shape of the first number of a kind."),
        ("sources", L, "Source instances that carry it now."),
    ),
)

SHARED_FILES = Table(
    name="shared_files",
    meaning="A file of a drive with who may open it, and what its title is about.",
    derived=True,
    key=("id",),
    resource_kind="drivefile",
    label="title",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The file, from the identity ledger."),
        ("title", T, "Its title.", STUDENT),
        ("owner", T, "The address of its owner.", STUDENT),
        ("owner_role", T, "student or staff, where the owner is known; else null."),
        ("kind", T, "What the source calls its kind."),
        ("access", T, "Who may open it: anyone, domain or people."),
        ("findable", B, "Whether it can be searched for by those who may open it."),
        ("writable", B, "Whether anyone or the domain may change it."),
        ("subjects", L, "Kinds of student data that the title names."),
        ("modified_at", S, "When it was changed last."),
        ("sources", L, "Source instances that carry it now."),
    ),
)
