"""The planted tools: what each is for, its contract, its use, and what is true of it.

The rules that decide what is true are written here again, from the documentation of tools; nothing is shared with the
engine that judges tools or with the products that it knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FIRST: Final = "first"
LAST: Final = "last"
USUAL_START: Final = 120
"""Days from the usual first day of a contract to the end of the period of use."""


@dataclass(frozen=True, kw_only=True)
class PlantedContract:
    """One contract: days count from today, later ones positive; `starts` None is the usual first day.

    `price` is a year's in dollars, None where the list has none; `schools` is FIRST, LAST or empty for all.
    """

    key: str
    price: int | None = 1_500
    seats: int | None = 100
    starts: int | None = None
    ends: int = 240
    renews: bool = True
    notice: int | None = None
    schools: str = ""


@dataclass(frozen=True, kw_only=True)
class PlantedTool:
    """One tool with its contracts.

    `does` is empty for a product with a name that everybody knows. `users` are those of the period of use, in the
    first school alone; None where no list has it. `season_days` are the days after that period in which its season
    begins and ends. `hollow` and `unknown` are what is true of it; `near` has what it only looks like, and the reason.
    """

    name: str
    contracts: tuple[PlantedContract, ...] = ()
    does: tuple[str, ...] = ()
    also_does: tuple[str, ...] = ()
    users: int | None = None
    list_of_one_school: bool = False
    season_days: tuple[int, int] | None = None
    hollow: str = ""
    unknown: bool = False
    near: Mapping[str, str] | None = None

    @property
    def key(self) -> str:
        """The name in lower case, with dashes, which is its id."""
        return self.name.lower().replace(" ", "-")


PAID_TWICE: Final = (("math-practice", "Numberloft", "Sumgarden"),)
OWNED_ALREADY: Final = (("drawing", "Sketchfern", "Makersuite"),)
LISTED_CONTRACT_USES: Final = {
    "Gradenest": "grade-sync",
    "Mathtrail": "assessment-diagnostic",
    "Flipdeck": "quiz-game",
    "Soundpost": "language-learning",
    "Stagecue": "portfolio",
}
"""What products of the list of contracts are for; of Fieldnotes and Lampworks nobody says it."""
UNSTATED: Final = ("fieldnotes", "lampworks")
NEEDS: Final = {
    "backup-servers": "district",
    "coding": "students",
    "content-filter": "students",
    "digital-books": "students",
    "dns-security": "computers",
    "drawing": "students",
    "endpoint-protection": "computers",
    "lms": "students",
    "mail-security": "everybody",
    "managed-detection": "computers",
    "pdf-annotation": "students",
    "test-preparation": "students",
    "typing": "students",
}
GAPS: Final = {"mail-security": "none", "test-preparation": "none", "coding": "part"}
NEAR_GAPS: Final = {
    "drawing": "It comes with a tool that is bought for something else.",
    "digital-books": "The tool for it is hollow, which is told once.",
    "pdf-annotation": "No contract has it, and an extension that an administrator installed does it.",
    "typing": "Its contract is one of half a year, after another that ended.",
}

TOOLS: Final = (
    # Paid twice: a contract for all schools, and one of a school.
    PlantedTool(
        name="Numberloft", does=("math-practice",), users=80, contracts=(PlantedContract(key="T-01", price=9_000),),
    ),
    PlantedTool(
        name="Sumgarden", does=("math-practice",), users=80,
        contracts=(PlantedContract(key="T-02", price=4_000, notice=30, schools=FIRST),),
    ),
    # Owned already, and its owner, which is bought for something else and free.
    PlantedTool(
        name="Sketchfern", does=("drawing",), users=80, contracts=(PlantedContract(key="T-03", schools=FIRST),),
    ),
    PlantedTool(
        name="Makersuite", does=("computer-aided-design",), also_does=("drawing",), users=60,
        contracts=(PlantedContract(key="T-04", price=0),),
    ),
    # Look-alikes of overlaps.
    PlantedTool(
        name="Songtree", does=("music",), users=80, contracts=(PlantedContract(key="T-05", schools=FIRST),),
        near={"paid twice": "Chordpatch does the same in another school."},
    ),
    PlantedTool(name="Chordpatch", does=("music",), users=80, contracts=(PlantedContract(key="T-06", schools=LAST),)),
    PlantedTool(
        name="Mapwren", does=("maps-geography",), users=71, contracts=(PlantedContract(key="T-07", ends=110),),
        near={"paid twice": "Globejay does the same and is free.", "fewer": "Of 100 seats 71 are used."},
    ),
    PlantedTool(name="Globejay", does=("maps-geography",), users=60, contracts=(PlantedContract(key="T-08", price=0),)),
    PlantedTool(
        name="Readfern", does=("reading-practice",), users=80, contracts=(PlantedContract(key="T-09", notice=121),),
        near={"paid twice": "The contract of Booksparrow has ended.", "renewal": "121 days are left."},
    ),
    PlantedTool(
        name="Booksparrow", does=("reading-practice",), users=80,
        contracts=(PlantedContract(key="T-10", starts=-365, ends=-1, renews=False),),
    ),
    PlantedTool(
        name="Canvas", users=80, contracts=(PlantedContract(key="T-11"),),
        near={"paid twice": "Canva has nearly its name and is another product."},
    ),
    PlantedTool(name="Canva", users=80, contracts=(PlantedContract(key="T-12"),)),
    PlantedTool(
        name="GoGuardian Teacher", users=80, contracts=(PlantedContract(key="T-13"),),
        near={"paid twice": "GoGuardian Beacon is of the same vendor and does something else."},
    ),
    PlantedTool(name="GoGuardian Beacon", users=80, contracts=(PlantedContract(key="T-14"),)),
    PlantedTool(
        name="Typewillow", does=("typing",), users=80, unknown=True,
        contracts=(
            PlantedContract(key="T-15", starts=-192, ends=-10),
            PlantedContract(key="T-16", starts=-9, ends=172),
        ),
        near={"paid twice": "Two contracts of half a year follow each other.", "not used": "Its contract is new."},
    ),
    # Hollow tools, and those that only seem so.
    PlantedTool(
        name="Petalshelf", does=("digital-books",), users=4, hollow="not used",
        contracts=(PlantedContract(key="T-17", ends=100, renews=False),),
    ),
    PlantedTool(
        name="Thornword", does=("vocabulary-practice",), users=10, contracts=(PlantedContract(key="T-18"),),
        near={"not used": "Exactly a tenth of its seats is used."},
    ),
    PlantedTool(
        name="Barkquest", does=("summer-learning",), users=0, season_days=(10, 40), unknown=True,
        contracts=(PlantedContract(key="T-19", ends=90, renews=False),),
        near={"not used": "The period of use is not in its season."},
    ),
    PlantedTool(
        name="Sapvideo", does=("video-recording",), users=0, unknown=True,
        contracts=(PlantedContract(key="T-20", starts=-25),),
        near={"not used": "Its contract began a few weeks before the end of the period."},
    ),
    PlantedTool(
        name="Proofplum", does=("plagiarism-check",), users=80, list_of_one_school=True, unknown=True,
        contracts=(PlantedContract(key="T-21"),),
        near={"not used": "The list of its vendor has one of its schools."},
    ),
    PlantedTool(
        name="Peakhollow", does=("science-simulation",), users=80, unknown=True,
        contracts=(PlantedContract(key="T-22", price=None),),
        near={"not used": "What it costs is not written, which is not nothing."},
    ),
    PlantedTool(
        name="Nestguard", does=("cloud-security",), hollow="not deployed", contracts=(PlantedContract(key="T-23"),),
    ),
    PlantedTool(
        name="Fixheron", does=("remote-support",), contracts=(PlantedContract(key="T-24"),),
        near={"not deployed": "Most computers have it, though not all."},
    ),
    PlantedTool(name="Lockmarten", does=("dns-security",), hollow="silent", contracts=(PlantedContract(key="T-25"),)),
    PlantedTool(
        name="Bellstoat", does=("managed-detection",), contracts=(PlantedContract(key="T-26"),),
        near={"silent": "Its devices last reported exactly 14 school days ago."},
    ),
    PlantedTool(
        name="Dustvault", does=("backup-saas",), hollow="not working", contracts=(PlantedContract(key="T-27"),),
    ),
    PlantedTool(
        name="Mossvault", does=("backup-servers",), contracts=(PlantedContract(key="T-28"),),
        near={"not working": "Half of its systems have an old backup, which is not over half."},
    ),
    # Renewals, and a need that is met in one school.
    PlantedTool(
        name="Latchpine", does=("visitor-management",), users=80,
        contracts=(PlantedContract(key="T-29", ends=60, notice=-5, schools=FIRST),),
    ),
    PlantedTool(
        name="Quillharbor", does=("writing-practice",), users=70,
        contracts=(PlantedContract(key="T-30", ends=115, renews=False),),
    ),
    PlantedTool(name="Codewren", does=("coding",), users=80, contracts=(PlantedContract(key="T-31", schools=FIRST),)),
    PlantedTool(name="Inkwillow", does=("pdf-annotation",)),
    PlantedTool(
        name="Glyphlark", does=("test-preparation",),
        near={"gap": "Somebody added its extension; that is no tool of the district."},
    ),
)  # fmt: skip
RENEWALS: Final = {
    "T-02": "choose",
    "T-07": "keep",
    "T-17": "drop",
    "T-19": "cannot tell",
    "T-29": "too late",
    "T-30": "fewer",
}
