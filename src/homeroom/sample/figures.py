"""The public figures that shape the invented district, and the rates at which faults are planted in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from homeroom.sample.releases import LAB_ONLY

FEWEST: Final = 500
MOST: Final = 1_000_000

# NCES Digest of Education Statistics 2023, table 216.30, school year 2022-23 (public domain),
# https://nces.ed.gov/programs/digest/d23/tables/dt23_216.30.asp
NCES_PUPILS: Final = 48_861_000
NCES_SCHOOLS: Final = 99_388
NCES_PUPILS_PER_TEACHER: Final = 15.4


@dataclass(frozen=True, kw_only=True)
class Level:
    """A kind of school: its grades, and its share of all public schools (NCES table 216.30)."""

    name: str
    grades: tuple[str, ...]
    share_of_schools: float

    @property
    def pupils(self) -> int:
        """Average pupils a school, if each of the 13 grades holds one pupil in 13."""
        return round(NCES_PUPILS * len(self.grades) / 13 / (NCES_SCHOOLS * self.share_of_schools))


GRADES: Final = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
LEVELS: Final = (
    Level(name="Elementary", grades=GRADES[:6], share_of_schools=0.528),
    Level(name="Middle", grades=GRADES[6:9], share_of_schools=0.164),
    Level(name="High", grades=GRADES[9:], share_of_schools=0.240),
)

STAFF_PER_PUPIL: Final = 0.12  # half of them teachers: about 16 pupils a teacher, beside 15.4 in NCES table 216.30
FIRST_ACCOUNT_GRADE: Final = 3  # index into GRADES: younger pupils share carts and have no account
PUPILS_PER_CART: Final = 30
PUPILS_PER_GROUP: Final = 25
ENROLLMENTS_PER_PUPIL: Final = 6
ENROLLMENTS_AT_MOST: Final = 1_500_000


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How often a case is planted: a share of those it may befall, but never fewer than `least`."""

    share: float
    least: int

    def of(self, number: int) -> int:
        """How many of `number` subjects."""
        return max(self.least, round(self.share * number))


PUPIL_CASES: Final = {
    "leaver": Rate(share=0.004, least=4),  # left by the roster, account still enabled
    "left-suspended": Rate(share=0.008, least=4),  # left, and the account was suspended or archived as it should be
    "moved": Rate(share=0.010, least=2),  # two schools, one of them over
    "dormant": Rate(share=0.006, least=3),  # 45 school days or more without a sign-in
    "dormant-near": Rate(share=0.002, least=2),  # 44 school days
    "never-used": Rate(share=0.003, least=2),  # made over 90 days ago
    "never-new": Rate(share=0.002, least=2),  # made exactly 90 days ago
    "suspended-here": Rate(share=0.001, least=1),
    "same-name": Rate(share=0.0005, least=2),  # a pupil and a member of staff of the same name
    "odd-name": Rate(share=0.0005, least=8),  # Null, None, NA, True, one letter
    "no-email": Rate(share=0.005, least=2),  # the roster knows the pupil by number only
}
TWINS: Final = Rate(share=0.005, least=2)  # pairs
SIBLINGS: Final = Rate(share=0.010, least=2)  # pairs of pupils without account who share the family's address

STAFF_CASES: Final = {
    "leaver": Rate(share=0.010, least=4),
    "left-suspended": Rate(share=0.020, least=2),
    "substitute": Rate(share=0.020, least=2),
    "coach": Rate(share=0.010, least=1),
    "contractor": Rate(share=0.005, least=1),
    "board": Rate(share=0.001, least=1),
    "parent-left": Rate(share=0.002, least=1),  # left as staff, guardian still
    "staff-parent": Rate(share=0.030, least=2),
    "on-leave": Rate(share=0.005, least=1),
    "ends-soon": Rate(share=0.005, least=1),
    "no-second-factor": Rate(share=0.030, least=3),
    "no-entra": Rate(share=0.010, least=2),  # federated, but the provider's record is missing
    "dormant": Rate(share=0.010, least=2),
    "dormant-near": Rate(share=0.005, least=2),
    "never-used": Rate(share=0.005, least=1),
    "never-new": Rate(share=0.010, least=1),
    "renamed": Rate(share=0.010, least=1),
    "junk-number": Rate(share=0.010, least=2),
}
UNKNOWN_PEOPLE: Final = Rate(share=0.005, least=3)  # of staff
DELEGATED_ADMINS: Final = Rate(share=0.004, least=3)
ENTRA_ADMINS: Final = Rate(share=0.003, least=3)

CHROMEBOOK_CASES: Final = {
    "expired": Rate(share=0.020, least=3),
    "expires-12": Rate(share=0.025, least=3),
    "expires-24": Rate(share=0.030, least=3),
    "expires-near": Rate(share=0.003, least=1),  # two years and two days
    "extended": Rate(share=0.010, least=2),  # past the date without the opt-in, and opted in
    "extended-off": Rate(share=0.003, least=2),  # the opt-in offered and not taken: the earlier date applies
    "developer": Rate(share=0.002, least=2),
    "silent": Rate(share=0.015, least=3),
    "silent-near": Rate(share=0.003, least=2),
    "silent-break": Rate(share=0.010, least=3),  # over 30 days, yet under 15 school days; only where a break allows it
    "no-asset": Rate(share=0.006, least=3),
    "retired": Rate(share=0.004, least=2),
    "disabled": Rate(share=0.003, least=1),
    "behind": Rate(share=0.005, least=2),  # an older version than the policy asks for
    "update-waits": Rate(share=0.003, least=1),  # the version is there, the restart is not
    "lost-open": Rate(share=0.002, least=1),  # lost by the asset list, seen yesterday, and not disabled
    "lost-closed": Rate(share=0.003, least=1),  # lost, and disabled
}
SPARES: Final = Rate(share=0.030, least=8)
DEPROVISIONED: Final = Rate(share=0.050, least=6)
ASSET_ONLY: Final = Rate(share=0.006, least=4)  # in use by the asset list, in no console
ASSET_ONLY_RESTING: Final = Rate(share=0.008, least=5)
SILENT_CARTS: Final = Rate(share=0.02, least=1)  # of carts

COMPUTER_CASES: Final = {
    "windows-10": Rate(share=0.030, least=3),
    "windows-10-esu": Rate(share=0.010, least=2),
    "windows-10-ltsc": Rate(share=0.003, least=1),
    "windows-10-ended": Rate(share=0.003, least=1),
    "not-encrypted": Rate(share=0.015, least=3),
    "encryption-unknown": Rate(share=0.005, least=2),
    "no-asset": Rate(share=0.005, least=1),
    "old-browser": Rate(share=0.020, least=3),
    "windows-old-archiver": Rate(share=0.015, least=3),
    "windows-archiver-mended": Rate(share=0.005, least=2),  # the very version that mended the flaw
    "windows-many-admins": Rate(share=0.010, least=2),
    "windows-no-antivirus": Rate(share=0.010, least=2),
    "windows-11-ended": Rate(share=0.005, least=1),  # Windows 11 21H2
    "windows-11-23h2": Rate(share=0.010, least=1),
}
_LAB_RATE: Final = Rate(share=0.010, least=1)
LAB_CASES: Final = {  # of the desktops in labs
    **dict.fromkeys(LAB_ONLY, _LAB_RATE),
    "it-admin": Rate(share=0.020, least=2),  # a further administrator, whose account the technology office keeps
    "like-it-admin": _LAB_RATE,  # a person whose account is called much like that
    "neglected": _LAB_RATE,  # nearly full, up for 30 days, against the console's rules
    "looked-after": _LAB_RATE,  # each of the three one step on the right side
    "silent": Rate(share=0.015, least=1),
    "silent-near": _LAB_RATE,
}
RETIRED_COMPUTERS: Final = Rate(share=0.004, least=2)  # of staff
MAC_CASES: Final = {  # of staff laptops, those that are Macs
    "mac-old": Rate(share=0.030, least=1),
    "mac-firewall-off": Rate(share=0.060, least=1),
    "mac-open": Rate(share=0.030, least=1),  # every guard of the system is off
    "mac-guarded": Rate(share=0.030, least=1),  # guarded in a rarer way
}
DIRECTORY_CASES: Final = {  # of accounts on premises, by the flag that is set
    "not_required": Rate(share=0.004, least=2),
    "never_expires": Rate(share=0.010, least=3),
    "no_preauth": Rate(share=0.003, least=2),
    "reversible": Rate(share=0.002, least=1),
    "services": Rate(share=0.002, least=1),
    "des_only": Rate(share=0.001, least=1),
    "older_sid": Rate(share=0.003, least=1),
    "delegates": Rate(share=0.001, least=1),
    "first_password": Rate(share=0.010, least=2),
    "own_password": Rate(share=0.005, least=1),  # changed the day after the account was made
}
LESSON_CASES: Final = {  # of employees with an account who work here as ever
    "unlisted": Rate(share=0.010, least=1),  # the training tool does not know them
    "untrained": Rate(share=0.030, least=1),  # over a year ago
    "new-late": Rate(share=0.005, least=1),  # on the 31st day
    "policy-old": Rate(share=0.020, least=1),
    "overdue": Rate(share=0.020, least=1),
    "drills": Rate(share=0.005, least=1),  # caught twice, and nobody spoke with them
    "no-policy": Rate(share=0.005, least=1),
    "trained-limit": Rate(share=0.002, least=1),  # a year ago to the day
    "new-in-time": Rate(share=0.005, least=1),  # on the 30th
    "drills-helped": Rate(share=0.005, least=1),
    "drill-once": Rate(share=0.020, least=1),
    "policy-limit": Rate(share=0.002, least=1),
    "due-today": Rate(share=0.002, least=1),
}
UPPER_WITHOUT_SECOND: Final = Rate(share=0.010, least=3)  # of pupils in grades 9 to 12, who are all asked for one
YOUNG_ASKED: Final = Rate(share=0.004, least=2)  # of pupils in grades 3 to 5, and as many of grades 6 to 8
NOT_FILTERED: Final = Rate(share=0.004, least=4)  # of pupils' Chromebooks
JUNK_SERIAL_DESKTOPS: Final = Rate(share=0.002, least=2)  # of staff
PUPIL_LAPTOPS: Final = Rate(share=0.002, least=2)  # of pupils in the upper grades
