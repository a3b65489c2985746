"""Public statistics that shape the invented district, and the rates at which faults are planted in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from homeroom.sample.plan.windows_releases import LAB_ONLY_CASES

MIN_STUDENTS: Final = 500
MAX_STUDENTS: Final = 1_000_000

# NCES Digest of Education Statistics 2023, table 216.30, school year 2022-23 (public domain),
# https://nces.ed.gov/programs/digest/d23/tables/dt23_216.30.asp
NCES_STUDENTS: Final = 48_861_000
NCES_SCHOOLS: Final = 99_388
NCES_STUDENTS_PER_TEACHER: Final = 15.4


@dataclass(frozen=True, kw_only=True)
class SchoolLevel:
    """A kind of school: its grades, and its share of all public schools (NCES table 216.30)."""

    name: str
    grades: tuple[str, ...]
    share_of_schools: float

    @property
    def students(self) -> int:
        """Average number of students per school, if each of the 13 grades has one student in 13."""
        return round(NCES_STUDENTS * len(self.grades) / 13 / (NCES_SCHOOLS * self.share_of_schools))


GRADES: Final = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
LEVELS: Final = (
    SchoolLevel(name="Elementary", grades=GRADES[:6], share_of_schools=0.528),
    SchoolLevel(name="Middle", grades=GRADES[6:9], share_of_schools=0.164),
    SchoolLevel(name="High", grades=GRADES[9:], share_of_schools=0.240),
)

STAFF_PER_STUDENT: Final = 0.12  # half of them teachers: about 16 students a teacher, beside 15.4 in NCES table 216.30
FIRST_ACCOUNT_GRADE: Final = 3  # index into GRADES: younger students share carts and have no account
STUDENTS_PER_CART: Final = 30
STUDENTS_PER_GROUP: Final = 25
ENROLLMENTS_PER_STUDENT: Final = 6
MAX_ENROLLMENTS: Final = 1_500_000


@dataclass(frozen=True, kw_only=True)
class CaseRate:
    """The rate of a planted case: a share of the eligible subjects, but never fewer than `minimum`."""

    share: float
    minimum: int

    def count_cases(self, subjects: int) -> int:
        """Return how many of `subjects` subjects have the case."""
        return max(self.minimum, round(self.share * subjects))


STUDENT_CASES: Final = {
    "leaver": CaseRate(share=0.004, minimum=4),  # left by the roster, account still enabled
    "left-suspended": CaseRate(
        share=0.008, minimum=4
    ),  # left, and the account was suspended or archived as it should be
    "moved": CaseRate(share=0.010, minimum=2),  # two schools, one of them over
    "dormant": CaseRate(share=0.006, minimum=3),  # 45 school days or more without a sign-in
    "dormant-near": CaseRate(share=0.002, minimum=2),  # 44 school days
    "never-used": CaseRate(share=0.003, minimum=2),  # made over 90 days ago
    "never-new": CaseRate(share=0.002, minimum=2),  # made exactly 90 days ago
    "suspended-here": CaseRate(share=0.001, minimum=1),
    "same-name": CaseRate(share=0.0005, minimum=2),  # a student and a member of staff of the same name
    "odd-name": CaseRate(share=0.0005, minimum=8),  # Null, None, NA, True, one letter
    "no-email": CaseRate(share=0.005, minimum=2),  # the roster knows the student by number only
}
TWINS: Final = CaseRate(share=0.005, minimum=2)  # pairs
SIBLINGS: Final = CaseRate(share=0.010, minimum=2)  # pairs of students without account who share the family's address

STAFF_CASES: Final = {
    "leaver": CaseRate(share=0.010, minimum=4),
    "left-suspended": CaseRate(share=0.020, minimum=2),
    "substitute": CaseRate(share=0.020, minimum=2),
    "coach": CaseRate(share=0.010, minimum=1),
    "contractor": CaseRate(share=0.005, minimum=1),
    "board": CaseRate(share=0.001, minimum=1),
    "parent-left": CaseRate(share=0.002, minimum=1),  # left as staff, guardian still
    "staff-parent": CaseRate(share=0.030, minimum=2),
    "on-leave": CaseRate(share=0.005, minimum=1),
    "ends-soon": CaseRate(share=0.005, minimum=1),
    "no-second-factor": CaseRate(share=0.030, minimum=3),
    "no-entra": CaseRate(share=0.010, minimum=2),  # federated, but the provider's record is missing
    "dormant": CaseRate(share=0.010, minimum=2),
    "dormant-near": CaseRate(share=0.005, minimum=2),
    "never-used": CaseRate(share=0.005, minimum=1),
    "never-new": CaseRate(share=0.010, minimum=1),
    "renamed": CaseRate(share=0.010, minimum=1),
    "junk-number": CaseRate(share=0.010, minimum=2),
}
UNKNOWN_PEOPLE: Final = CaseRate(share=0.005, minimum=3)  # of staff
DELEGATED_ADMINS: Final = CaseRate(share=0.004, minimum=3)
ENTRA_ADMINS: Final = CaseRate(share=0.003, minimum=3)

CHROMEBOOK_CASES: Final = {
    "expired": CaseRate(share=0.020, minimum=3),
    "expires-12": CaseRate(share=0.025, minimum=3),
    "expires-24": CaseRate(share=0.030, minimum=3),
    "expires-near": CaseRate(share=0.003, minimum=1),  # two years and two days
    "extended": CaseRate(share=0.010, minimum=2),  # past the date without the opt-in, and opted in
    "extended-off": CaseRate(share=0.003, minimum=2),  # the opt-in offered and not taken: the earlier date applies
    "developer": CaseRate(share=0.002, minimum=2),
    "silent": CaseRate(share=0.015, minimum=3),
    "silent-near": CaseRate(share=0.003, minimum=2),
    "silent-break": CaseRate(
        share=0.010, minimum=3
    ),  # over 30 days, yet under 15 school days; only where a break allows it
    "no-asset": CaseRate(share=0.006, minimum=3),
    "retired": CaseRate(share=0.004, minimum=2),
    "disabled": CaseRate(share=0.003, minimum=1),
    "behind": CaseRate(share=0.005, minimum=2),  # an older version than the policy asks for
    "update-waits": CaseRate(share=0.003, minimum=1),  # the version is there, the restart is not
    "lost-open": CaseRate(share=0.002, minimum=1),  # lost by the asset list, seen yesterday, and not disabled
    "lost-closed": CaseRate(share=0.003, minimum=1),  # lost, and disabled
}
SPARES: Final = CaseRate(share=0.030, minimum=8)
DEPROVISIONED: Final = CaseRate(share=0.050, minimum=6)
ASSET_ONLY: Final = CaseRate(share=0.006, minimum=4)  # in use by the asset list, in no console
ASSET_ONLY_RESTING: Final = CaseRate(share=0.008, minimum=5)
SILENT_CARTS: Final = CaseRate(share=0.02, minimum=1)  # of carts

COMPUTER_CASES: Final = {
    "windows-10": CaseRate(share=0.030, minimum=3),
    "windows-10-esu": CaseRate(share=0.010, minimum=2),
    "windows-10-ltsc": CaseRate(share=0.003, minimum=1),
    "windows-10-ended": CaseRate(share=0.003, minimum=1),
    "not-encrypted": CaseRate(share=0.015, minimum=3),
    "encryption-unknown": CaseRate(share=0.005, minimum=2),
    "no-asset": CaseRate(share=0.005, minimum=1),
    "old-browser": CaseRate(share=0.020, minimum=3),
    "windows-old-archiver": CaseRate(share=0.015, minimum=3),
    "windows-archiver-mended": CaseRate(share=0.005, minimum=2),  # the very version that mended the flaw
    "windows-many-admins": CaseRate(share=0.010, minimum=2),
    "windows-no-antivirus": CaseRate(share=0.010, minimum=2),
    "windows-11-ended": CaseRate(share=0.005, minimum=1),  # Windows 11 21H2
    "windows-11-23h2": CaseRate(share=0.010, minimum=1),
}
_LAB_RATE: Final = CaseRate(share=0.010, minimum=1)
LAB_CASES: Final = {  # of the desktops in labs
    **dict.fromkeys(LAB_ONLY_CASES, _LAB_RATE),
    "it-admin": CaseRate(share=0.020, minimum=2),  # a further administrator, whose account the technology office keeps
    "like-it-admin": _LAB_RATE,  # a person whose account is called much like that
    "neglected": _LAB_RATE,  # nearly full, up for 30 days, against the console's rules
    "looked-after": _LAB_RATE,  # each of the three one step on the right side
    "silent": CaseRate(share=0.015, minimum=1),
    "silent-near": _LAB_RATE,
}
RETIRED_COMPUTERS: Final = CaseRate(share=0.004, minimum=2)  # of staff
MAC_CASES: Final = {  # of staff laptops, those that are Macs
    "mac-old": CaseRate(share=0.030, minimum=1),
    "mac-firewall-off": CaseRate(share=0.060, minimum=1),
    "mac-open": CaseRate(share=0.030, minimum=1),  # every guard of the system is off
    "mac-guarded": CaseRate(share=0.030, minimum=1),  # guarded in a rarer way
}
DIRECTORY_CASES: Final = {  # of accounts on premises, by the flag that is set
    "not_required": CaseRate(share=0.004, minimum=2),
    "never_expires": CaseRate(share=0.010, minimum=3),
    "no_preauth": CaseRate(share=0.003, minimum=2),
    "reversible": CaseRate(share=0.002, minimum=1),
    "services": CaseRate(share=0.002, minimum=1),
    "des_only": CaseRate(share=0.001, minimum=1),
    "older_sid": CaseRate(share=0.003, minimum=1),
    "delegates": CaseRate(share=0.001, minimum=1),
    "first_password": CaseRate(share=0.010, minimum=2),
    "own_password": CaseRate(share=0.005, minimum=1),  # changed the day after the account was made
}
TRAINING_CASES: Final = {  # of employees with an account who work here as ever
    "unlisted": CaseRate(share=0.010, minimum=1),  # the training tool does not know them
    "untrained": CaseRate(share=0.030, minimum=1),  # over a year ago
    "new-late": CaseRate(share=0.005, minimum=1),  # on the 31st day
    "policy-old": CaseRate(share=0.020, minimum=1),
    "overdue": CaseRate(share=0.020, minimum=1),
    "drills": CaseRate(share=0.005, minimum=1),  # caught twice, and nobody spoke with them
    "no-policy": CaseRate(share=0.005, minimum=1),
    "trained-limit": CaseRate(share=0.002, minimum=1),  # a year ago to the day
    "new-in-time": CaseRate(share=0.005, minimum=1),  # on the 30th
    "drills-helped": CaseRate(share=0.005, minimum=1),
    "drill-once": CaseRate(share=0.020, minimum=1),
    "policy-limit": CaseRate(share=0.002, minimum=1),
    "due-today": CaseRate(share=0.002, minimum=1),
}
UPPER_WITHOUT_SECOND_FACTOR: Final = CaseRate(
    share=0.010, minimum=3
)  # of students in grades 9 to 12, who are all asked for one
YOUNG_PROMPTED: Final = CaseRate(share=0.004, minimum=2)  # of students in grades 3 to 5, and as many of grades 6 to 8
NOT_FILTERED: Final = CaseRate(share=0.004, minimum=4)  # of students' Chromebooks
JUNK_SERIAL_DESKTOPS: Final = CaseRate(share=0.002, minimum=2)  # of staff
STUDENT_LAPTOPS: Final = CaseRate(share=0.002, minimum=2)  # of students in the upper grades
