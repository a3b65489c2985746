"""Organizations, people, roles, classes and enrollments, as rosters and staff lists report them."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STUDENT, B, D, I, L, T, Table, build_columns

ORGS = Table(
    name="orgs",
    meaning="A school, the district, or a department, as one source names it.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the organization."),
        ("name", T, "Its name."),
        ("kind", T, "district, school, department, or the source's own word in lower case."),
        ("identifier", T, "A public number such as the state or NCES id."),
        ("parent_key", T, "The organization above it, by the source's id."),
        ("status", T, "active or tobedeleted."),
    ),
)

PERSON_RECORDS = Table(
    name="person_records",
    meaning="A person as one roster or staff list carries them.",
    derived=False,
    key=("key",),
    remembered=True,
    columns=build_columns(
        STUDENT,
        ("key", T, "The source's own id of the person."),
        ("status", T, "active, or tobedeleted where the source says that the person is going."),
        ("enabled", B, "Whether the source says that the person may sign in; null where it does not say."),
        ("given_name", T, "Given name as written."),
        ("middle_name", T, "Middle name as written."),
        ("family_name", T, "Family name as written."),
        ("preferred_name", T, "The given name that the person goes by."),
        ("username", T, "User name at the source, in lower case."),
        ("email", T, "E-mail address, in lower case."),
        ("identifier", T, "A number that other systems know the person by: student number or employee number."),
        ("other_ids", L, "Further ids, each as type:value."),
        ("master_id", T, "An id that is the same in all systems of the district (OneRoster userMasterIdentifier)."),
        (
            "grade",
            T,
            "Grade of a student in Common Education Data Standards codes: IT, PR, PK, TK, KG, 01 to 12, UG.",
        ),
        ("org_key", T, "The main school or department, by the source's id."),
        ("org_name", T, "Its name where the source gives a name instead of an id."),
        ("title", T, "Job title; staff only."),
        ("start_date", D, "First day of work or enrollment."),
        ("end_date", D, "Last day of work or enrollment; null where open."),
        ("employment", T, "The staff list's own word for the state of employment, in lower case."),
        ("homeroom", T, "The student's homeroom."),
        ("agent_keys", L, "Parents and guardians, by the source's ids."),
        (
            "birth_date",
            D,
            "Birth date, where a list that is loaded by a mapping gives it; used to tell namesakes apart.",
        ),
        ("birth_year", I, "Year of birth, where a list gives no more than that."),
        ("house_number", T, "House number, where the list has it apart from the street."),
        ("street", T, "Street of the home address, with the house number or without."),
        ("second_line", T, "Second line of the home address."),
        ("city", T, "City, town or suburb of the home address."),
        ("postal_code", T, "Postal code of the home address."),
        ("region", T, "State or province of the home address."),
    ),
)

ROLE_RECORDS = Table(
    name="role_records",
    meaning="One role that a person has at one organization, as one source carries it.",
    derived=False,
    key=("person_key", "role", "org_key", "begin_date"),
    remembered=True,
    columns=build_columns(
        STUDENT,
        ("person_key", T, "The person, by the source's id."),
        ("role", T, "student, teacher, staff, administrator, aide, guardian, parent, relative, or other."),
        ("org_key", T, "The organization, by the source's id."),
        ("org_name", T, "Its name where the source gives a name instead of an id."),
        ("primary", B, "Whether this is the person's main role at the source."),
        ("begin_date", D, "First day of the role."),
        ("end_date", D, "Last day of the role; null where open."),
        ("status", T, "active or tobedeleted."),
        ("job", T, "The source's own words for the role, such as Substitute Teacher or Coach."),
        ("grade", T, "The student's grade at this organization, where the source says it with the role."),
    ),
)

CLASSES = Table(
    name="classes",
    meaning="A class (section) that students and teachers are enrolled in.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the class."),
        ("title", T, "Its title."),
        ("kind", T, "homeroom or scheduled."),
        ("course_key", T, "The course, by the source's id."),
        ("org_key", T, "The school, by the source's id."),
        ("status", T, "active or tobedeleted."),
        ("code", T, "The number or short name that the school knows the class by."),
        ("grades", L, "The grades that it is for, in Common Education Data Standards codes."),
        ("term_keys", L, "The terms in which it is taught, by the source's ids of academic_sessions."),
        ("periods", L, "The periods of the day in which it meets."),
        ("location", T, "The room in which it meets, as written."),
    ),
)

ENROLLMENTS = Table(
    name="enrollments",
    meaning="A person's place in a class.",
    derived=False,
    key=("key",),
    columns=build_columns(
        STUDENT,
        ("key", T, "The source's own id of the enrollment."),
        ("person_key", T, "The person, by the source's id."),
        ("class_key", T, "The class, by the source's id."),
        ("org_key", T, "The school, by the source's id."),
        ("role", T, "student, teacher, aide, proctor or administrator."),
        ("begin_date", D, "First day."),
        ("end_date", D, "Last day; null where open."),
        ("status", T, "active or tobedeleted."),
        (
            "primary",
            B,
            "Whether this teacher is the one who answers for the class; null where the source does not say.",
        ),
    ),
)
