"""Lists of a small district with tools, as its spreadsheets have them, and the district with them loaded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.tool_mappings import CONTRACT_MAPPING, PEOPLE_MAPPING, USE_MAPPING

TODAY, AT = date(2026, 1, 15), datetime(2026, 1, 15, 11, tzinfo=UTC)
SCHOOLS = ("Elm Middle", "Oak Elementary")
PEOPLE = "ID,First,Last,Email,School\n" + "".join(
    f"{number},Ana,Ray{number},s{number}@maple.example,{SCHOOLS[number % 2]}\n" for number in range(60)
)
CONTRACTS = """\
Contract,Product,Sold By,Seats,Price,First Day,Last Day,Auto-Renews,Notice By,Schools
C-1,CDW-G: Kami District Unlimited 1YR,CDW-G,,"$1,200.00",2025-07-01,2026-06-30,Yes,2026-04-01,
C-2,Canvas LMS FY26,Instructure,500,"$9,000.00",2025-07-01,2026-06-30,Yes,2026-02-15,
C-3,Brightpath Math,Brightpath,100,"$3,000.00",2025-02-01,2026-01-31,No,,Oak Elementary
C-4,Rootmath,Rootworks,60,"$2,400.00",2025-07-01,2026-06-30,Yes,2025-12-31,Oak Elementary
C-5,Fieldmaps,Fieldworks,50,,2025-07-01,2026-03-31,No,,
"""
USE = """\
App Name,School,From,Through,Active Users
Canvas,Oak Elementary,2025-10-01,2025-12-12,2
Canvas,Elm Middle,2025-10-01,2025-12-12,1
bpmath.example,Oak Elementary,2025-10-01,2025-12-12,60
bpmath.example,Oak Elementary,2025-08-18,2025-09-30,55
Rootmath,Oak Elementary,2025-10-01,2025-12-12,40
"""
STATED = """\
homeroom: tools
needs:
  lms: {for: students}
  math-practice: {for: students}
  content-filter:
tools:
  - {name: Brightpath Math, also: [bpmath.example], does: [math-practice], also_does: []}
  - {name: Rootmath, does: [math-practice], also_does: []}
"""
DISTRICT = "homeroom: district\nname: Maple\ncalendar: {first_day: 2025-08-18, last_day: 2026-05-28}\n"
LISTS = {
    "people.csv": PEOPLE, "people.mapping.yaml": PEOPLE_MAPPING, "contracts.csv": CONTRACTS,
    "contracts.mapping.yaml": CONTRACT_MAPPING, "use.csv": USE, "use.mapping.yaml": USE_MAPPING,
    "tools.yaml": STATED, "district.yaml": DISTRICT,
}  # fmt: skip


def write_lists(folder: Path) -> Path:
    """Write the lists into a new folder, and return it."""
    folder.mkdir()
    for name, text in LISTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def load_tools(cast: Cast, root: Path) -> EvidenceStore:
    """Load the lists of the director's district and resolve them; `root` is the data folder."""
    store = EvidenceStore(root / "evidence", district=cast.district.slug)
    report = load_files([write_lists(root / "lists")], district=cast.district, store=store, at=AT)
    assert report.clean, [str(problem) for problem in report.refused]
    resolve(district=cast.district, store=store, today=TODAY, at=AT)
    return store
