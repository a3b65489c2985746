"""Every rule of the bundle check: its id, severity, message, and what would fit.

Error: the specification forbids it, and a careful reader refuses it. Warning: it is allowed or tolerated, and causes
problems in practice. Notice: something to know before the bundle is passed on. Sources: the binding's sections on the
manifest, on the form of CSV files and on each data file; RFC 4180 for quoting. `since` is the first version with the
rule.
"""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, NOTICE = "error", "warning", "notice"


@dataclass(frozen=True, kw_only=True)
class BundleRule:
    """One rule.

    `fits` may be narrowed for the place of a violation (the words of a column's vocabulary).
    """

    id: str
    severity: str
    says: str
    fits: str
    since: str = "1.1"


def _build_rules(*rows: tuple[str, str, str, str] | tuple[str, str, str, str, str]) -> dict[str, BundleRule]:
    rules = [BundleRule(id=row[0], severity=row[1], says=row[2], fits=row[3], since=(*row, "1.1")[4]) for row in rows]
    return {rule.id: rule for rule in rules}


RULES = _build_rules(
    # the bundle
    ("bundle.nested", ERROR, "a file stands in a folder inside the bundle", "every file at the top of the zip"),
    ("bundle.unknown-file", WARNING, "a file that the specification does not know", "only the files that it names"),
    ("bundle.name", ERROR, "a file's name is written in another case", "the name as the specification writes it"),
    ("bundle.unreadable", ERROR, "cannot be opened", "plain files, or one zip of them"),
    # manifest.csv
    ("manifest.missing", ERROR, "there is no manifest.csv", "a manifest.csv beside the other files"),
    ("manifest.header", ERROR, "the header of the manifest", "propertyName,value"),
    ("manifest.property-missing", ERROR, "a required property is missing", "one row for each property"),
    ("manifest.property-twice", ERROR, "a property stands in two rows", "one row for each property"),
    ("manifest.property-unknown", NOTICE, "a property that the specification does not know", "the properties it names"),
    ("manifest.manifest-version", ERROR, "the version of the manifest", "1.0"),
    ("manifest.version", ERROR, "a version whose files cannot be checked", "1.1 or 1.2"),
    ("manifest.mode", ERROR, "an unknown mode", "absent, bulk or delta"),
    ("manifest.said-absent", ERROR, "the manifest says absent, but the file is there", "one of the two"),
    ("manifest.not-there", ERROR, "the manifest announces a file that is not there", "the file, or absent"),
    # the form of a file
    ("file.encoding", ERROR, "is not UTF-8", "UTF-8, with or without a byte order mark"),
    ("file.delimiter", ERROR, "columns are not parted by commas", "commas"),
    ("file.form", ERROR, "a row or header that cannot be read", "RFC 4180"),
    ("file.width", ERROR, "a row with more or fewer fields than the header", "as many fields as the header has names"),
    ("file.blank", WARNING, "a blank line, or a row without any value", "rows only"),
    ("file.line-ends", NOTICE, "line ends of several kinds in one file", "CRLF throughout"),
    ("file.odd", WARNING, "something that readers may not expect", "a header line and rows, in plain UTF-8"),
    ("file.letters-lost", WARNING, "letters that were lost before the export", "the letters themselves"),
    ("file.empty", ERROR, "has no rows", "at least one row, or absent in the manifest"),
    # headers
    ("header.missing", ERROR, "a column is missing", "every column that the specification names"),
    ("header.case", ERROR, "a column's name is written in another way", "the name as the specification writes it"),
    ("header.order", ERROR, "columns in another order", "the order of the specification"),
    ("header.unknown", ERROR, "a column that the specification does not know", "a name that begins with metadata."),
    ("header.extension-place", ERROR, "an extension column before one of the specification", "extensions at the right"),
    # values
    ("value.required", ERROR, "a required value is blank", "a value"),
    ("value.required-in-delta", ERROR, "blank in a delta file", "a value"),
    ("value.blank-in-bulk", WARNING, "filled in a bulk file", "blank: only delta files say what changed, and when"),
    ("value.word", ERROR, "not a word of the vocabulary", "one of its words, in their case"),
    ("value.date", ERROR, "not a date", "YYYY-MM-DD"),
    ("value.time", ERROR, "not a date and time in UTC", "YYYY-MM-DDThh:mm:ss.sssZ"),
    ("value.truth", ERROR, "not a truth", "true or false"),
    ("value.year", ERROR, "not a year", "YYYY"),
    ("value.whole", ERROR, "not a whole number", "digits"),
    ("value.number", ERROR, "not a number", "digits and a point"),
    ("value.grade", WARNING, "not a grade of the Common Education Data Standards", "KG, 01 to 12, and the other codes"),
    ("value.list", ERROR, "a list with an empty item or blanks beside a comma", "items parted by commas alone"),
    ("value.user-ids", ERROR, "not a list of ids with their types", "{type:id},{type:id}"),
    ("value.blanks", WARNING, "blanks around the value", "the value alone"),
    ("value.line-break", ERROR, "a line end within a value", "one line"),
    ("value.address", WARNING, "not an e-mail address", "name@school.example"),
    # ids and what they point to
    ("id.twice", ERROR, "the sourcedId stands in an earlier row", "an id of its own for every row"),
    ("reference.nothing", ERROR, "points to a row that is not there", "the sourcedId of a row of this bundle"),
    ("reference.kind", ERROR, "points to a row of another type", "a row of the type that is meant"),
    ("reference.no-file", ERROR, "points into a file that is not in the bundle", "a bulk bundle that is whole"),
    # what rows say together
    ("dates.end-first", ERROR, "ends before it begins", "an end on or after the beginning"),
    ("session.outside", WARNING, "lies outside the session above it", "dates within those of its parent"),
    ("session.year", WARNING, "schoolYear is not the year in which the school year ends", "the year of endDate"),
    ("parent.loop", ERROR, "stands above itself", "a parent that leads to the top"),
    ("username.twice", WARNING, "the user name of an earlier row, also in another case", "a user name of its own"),
    ("line-item.range", WARNING, "the least result is above the greatest", "a number up to resultValueMax"),
    ("agent.self", ERROR, "a person is their own agent", "the ids of parents or guardians"),
    ("enrollment.primary", ERROR, "only a teacher can be primary", "blank or false"),
    ("enrollment.primary-twice", ERROR, "a class has several primary teachers", "at most one"),
    ("enrollment.twice", WARNING, "the same person, class and role as an earlier row", "one row"),
    ("enrollment.student-teaches", WARNING, "teaches the class, and has no role but a student's", "a teacher"),
    ("enrollment.school", WARNING, "names another school than its class does", "the school of the class"),
    ("enrollment.outside", WARNING, "lies outside the terms of its class", "dates within those of the terms"),
    ("role.primary-twice", ERROR, "a person has several primary roles at one organization", "one", "1.2"),
    ("role.primary-none", ERROR, "a person has no primary role at an organization where they have roles", "one", "1.2"),
    ("role.none", ERROR, "a person without a row in roles.csv", "at least one role", "1.2"),
    ("role.primary-org", WARNING, "the person has no role at their primary organization", "a role there", "1.2"),
    ("role.profile", ERROR, "the profile is another person's", "a profile of the same person", "1.2"),
    # privacy
    ("privacy.password", WARNING, "a password stands in the file", "blank: single sign-on"),
    ("privacy.ssn", WARNING, "looks like a Social Security number", "a number that the district gives"),
    ("privacy.telephone", WARNING, "a student's telephone number", "blank, unless the receiver needs it"),
    ("privacy.demographics", NOTICE, "holds race, sex and birth of students", "absent, unless the receiver needs it"),
)  # fmt: skip
"""By id, in the order of the reports."""
