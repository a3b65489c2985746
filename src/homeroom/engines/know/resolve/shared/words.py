"""Vocabulary of entity resolution: placeholder identifiers, and words in units, roles and local parts."""

from __future__ import annotations

LETTERS = (
    "nullif(trim(regexp_replace(regexp_replace(strip_accents(lower({})), '[''`’´]', '', 'g'), '[^\\p{{L}}]+', ' "
    "', 'g')), '')"
)
SQUEEZED = "replace({}, ' ', '')"

# Compared in upper case without spaces, hyphens, dots, slashes and underscores: values that manufacturers and typists
# enter where no identifier is known.
PLACEHOLDERS: frozenset[str] = frozenset(
    {
        "TOBEFILLEDBYOEM",
        "TOBEFILLEDBYOEMS",
        "TOBEFILLED",
        "DEFAULTSTRING",
        "DEFAULT",
        "SYSTEMSERIALNUMBER",
        "SERIALNUMBER",
        "SYSTEMSERIAL",
        "SERIAL",
        "CHASSISSERIALNUMBER",
        "BASEBOARDSERIALNUMBER",
        "NOTSPECIFIED",
        "NOTAPPLICABLE",
        "NOTAVAILABLE",
        "UNAVAILABLE",
        "UNKNOWN",
        "UNASSIGNED",
        "NONE",
        "NULL",
        "NIL",
        "NA",
        "N/A",
        "NAN",
        "TBD",
        "TBA",
        "TEST",
        "TEMP",
        "EMPTY",
        "BLANK",
        "MISSING",
        "NOSERIAL",
        "NOSERIALNUMBER",
        "NOEMAIL",
        "NOTAG",
        "NOID",
        "OEM",
        "INVALID",
        "PENDING",
        "SEENOTES",
        "SEENOTE",
        "CUSTOM",
        "CUSTOMBUILD",
        "CUSTOMBUILT",
        "CUSTOMPC",
        "CLONE",
        "HOMEBUILT",
        "ILLEGIBLE",
        "UNREADABLE",
        "NOTREADABLE",
        "WORNOFF",
        "NOTLISTED",
        "NOTFOUND",
        "NOTPRESENT",
        "NOTSETTABLE",
        "NOTFILLED",
        "NOSN",
        "NOSERIALNO",
        "NOSERIALFOUND",
        "NONESPECIFIED",
        "NOTSET",
        "ASSETTAG",
        "NOASSETTAG",
        "NOASSETINFORMATION",
        "SYSTEMMANUFACTURER",
        "SYSTEMPRODUCTNAME",
        "SYSTEMVERSION",
        "SYSTEMSKU",
        "BASEBOARDASSETTAG",
        "CHASSISASSETTAG",
        "SERNUM",
        "SERNUM0",
        "0123456789ABCDEF",
        "1234567890ABCDEF",
        "ABCDEFGH",
        "XXX",
        "X",
        "0123456789",
        "123456789",
        "1234567890",
        "12345678",
        "1234567",
        "123456",
        "12345",
        "1234",
        "123",
        "0123456",
        "ABCDEFG",
        "ABC123",
        "VMWARE",
        "PARALLELS",
        "EVALUATIONSERIALNUMBER",
        # Hardware UUIDs that manufacturers ship in every board of a model.
        "03000200040005000006000700080009",
        "00020003000400050006000700080009",
        "123456781234567890ABCDDEEFAABBCC",
        "FEFEFEFEFEFEFEFEFEFEFEFEFEFEFEFE",
        "00000000000000000000AC1F6B000000",
    }
)

# Markers of a separate administration account: prefixes and suffixes of the person's own local part.
ADMIN_PREFIXES: tuple[str, ...] = (
    "admin-", "admin.", "admin_", "adm-", "adm.", "adm_", "sa-", "sa.", "sa_", "ga-", "da-", "a-", "a_", "su-", "priv-",
    "t0-", "t1-", "t2-", "t0.", "t1.", "t2.", "t0_", "t1_", "t2_",
)  # fmt: skip
ADMIN_SUFFIXES: tuple[str, ...] = (
    "-admin", ".admin", "_admin", "-adm", ".adm", "_adm", "-sa", ".sa", "_sa", "-a", "_a", "+admin", "-ga", "-da",
    ".da", "_da", "-su", "-priv", "-t0", "-t1", "-t2", ".t0", ".t1", ".t2", "_t0", "_t1", "_t2",
)  # fmt: skip
ADMIN_UNITS: tuple[str, ...] = ("admin", "admins")
# A tenant's initial domain counts as the district's: administrators are often created there.
TENANT_DOMAIN = ".onmicrosoft.com"

SERVICE_WORDS: tuple[str, ...] = (
    "service",
    "services",
    "svc",
    "scanner",
    "scan",
    "scans",
    "copier",
    "printer",
    "print",
    "noreply",
    "kiosk",
    "api",
    "sync",
    "syncs",
    "backup",
    "backups",
    "bot",
    "smtp",
    "relay",
    "automation",
    "integration",
    "integrations",
    "connector",
    "daemon",
    "alerts",
    "monitoring",
    "provisioning",
    "testing",
    "signage",
    "breakglass",
    "emergency",
)
SHARED_WORDS: tuple[str, ...] = (
    "shared",
    "office",
    "frontoffice",
    "info",
    "attendance",
    "helpdesk",
    "library",
    "nurse",
    "athletics",
    "registrar",
    "reception",
    "classroom",
    "classrooms",
    "loaner",
    "loaners",
    "mailbox",
    "mailboxes",
    "resources",
    "resource",
    "room",
    "rooms",
    "conference",
    "calendar",
    "generic",
    "webmaster",
    "transportation",
    "cafeteria",
    "payroll",
    "hr",
    "support",
    "enrollment",
    "yearbook",
)

# Accounts that Windows creates, by their full local part: the domain's keys, and accounts that no person ever has.
BUILT_IN_SERVICES: tuple[str, ...] = (
    "krbtgt",
    "krbtgt_[0-9]+",
    "defaultaccount",
    "wdagutilityaccount",
    "msol_[0-9a-f]+",
)
BUILT_IN_SHARED: tuple[str, ...] = ("guest",)

STUDENT_UNITS: tuple[str, ...] = ("student", "students", "pupil", "pupils", "learners", "scholars")
STAFF_UNITS: tuple[str, ...] = (
    "staff", "faculty", "teacher", "teachers", "employee", "employees", "administrators", "administration", "personnel",
)  # fmt: skip
OUTSIDE_UNITS: tuple[str, ...] = ("vendor", "vendors", "contractor", "contractors", "consultant", "consultants")
"""Units of people who work for the district without being staff: an account in one is no student's."""
STUDENT_TITLE = "(grade [0-9]+ |[0-9]+(st|nd|rd|th) grade )?(student|pupil|learner|scholar)s?"
"""The full title of an account whose holder is a student: a coordinator of student services is none."""
STAFF_TITLES: tuple[str, ...] = (
    "teacher",
    "principal",
    "counselor",
    "secretary",
    "librarian",
    "nurse",
    "custodian",
    "aide",
    "paraprofessional",
    "coach",
    "superintendent",
    "director",
    "technician",
    "manager",
    "coordinator",
    "specialist",
    "assistant",
    "clerk",
    "psychologist",
    "faculty",
    "staff",
    "driver",
    "worker",
    "cook",
    "therapist",
    "pathologist",
    "interpreter",
    "registrar",
    "instructor",
    "administrator",
    "mechanic",
    "bookkeeper",
    "asst",
    "tchr",
    "para",
)
LEAVER_UNITS: tuple[str, ...] = (
    "leavers",
    "alumni",
    "graduates",
    "graduated",
    "former",
    "departed",
    "withdrawn",
    "terminated",
    "suspended",
    "deprovisioned",
    "separated",
    "disabled",
    "inactive",
)

# Independent jobs: a person with one of these has not left, though a full employment ended.
INDEPENDENT_JOBS: tuple[str, ...] = (
    "substitute", "sub", "coach", "contractor", "contracted", "consultant", "vendor", "board", "trustee", "volunteer",
    "long-term", "tutor", "advisor", "parent", "itinerant", "intern",
)  # fmt: skip
# Among them, the jobs of people who work here.
WORKING_JOBS: tuple[str, ...] = (
    "substitute",
    "sub",
    "coach",
    "contractor",
    "contracted",
    "consultant",
    "long-term",
    "tutor",
    "advisor",
    "itinerant",
    "intern",
    "teacher",
    "aide",
    "nurse",
    "custodian",
    "driver",
    "secretary",
    "principal",
    "counselor",
    "technician",
)
DEPARTURE_WORDS: tuple[str, ...] = (
    "terminated",
    "resigned",
    "separated",
    "retired",
    "former",
    "dismissed",
    "deceased",
    "left",
    "withdrawn",
    "graduated",
    "inactive",
)

RESTING_STATUSES: tuple[str, ...] = ("spare", "storage", "repair")
RESTING_WORDS: tuple[str, ...] = ("spare", "spares", "storage", "repair", "repairs", "loaner pool")
RETIRED_STATUSES: tuple[str, ...] = ("retired", "lost", "disposed", "stolen")


def build_word_pattern(words: tuple[str, ...]) -> str:
    """Return a regular expression, for SQL text, that finds any of the words as a full word."""
    return r"(^|[^a-z])(" + "|".join(words) + r")([^a-z]|$)"


def quote_sql_list(words: tuple[str, ...] | frozenset[str]) -> str:
    """Return the words as a sorted list of SQL literals."""
    return ", ".join("'" + word.replace("'", "''") + "'" for word in sorted(words))
