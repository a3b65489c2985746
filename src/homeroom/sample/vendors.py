"""What the district has with vendors: agreements about data, contracts, and how much of them is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from homeroom.sample.lists import Said, Shelf, yes

AGREEMENTS: Final = "agreements"
CONTRACTS: Final = "contracts"
_AGREEMENT_HEADER: Final = "Agreement,Vendor,Product,Type,Date Signed,Expires,Student Data,Data Elements,Progress,Link"
_AGREEMENT_MAPPING: Final = """\
# How the privacy officer's list of agreements is read.
homeroom: mapping
name: list
connector: agreements
table: agreement_records
needs: [Date Signed, Data Elements]
columns:
  key: {from: Agreement}
  vendor: {from: Vendor}
  product: {from: Product}
  kind: {from: Type, as: lower}
  signed_on: {from: Date Signed}
  ends_on: {from: Expires}
  student_data: {from: Student Data}
  data_kinds: {from: Data Elements}
  status_word: {from: Progress}
  url: {from: Link}
"""
_CONTRACT_HEADER: Final = "Contract,Product,Sold By,Seats,Annual Cost,First Day,Last Day,Auto-Renews,Notice By,Owner"
_CONTRACT_MAPPING: Final = """\
# How the business office's list of contracts is read.
homeroom: mapping
name: list
connector: contracts
table: contract_records
needs: [Sold By, Auto-Renews]
columns:
  key: {from: Contract}
  product: {from: Product}
  vendor: {from: Sold By}
  seats: {from: Seats}
  cost_minor: {from: Annual Cost, as: money}
  currency: {constant: USD}
  starts_on: {from: First Day}
  ends_on: {from: Last Day}
  renews: {from: Auto-Renews}
  notice_on: {from: Notice By}
  owner: {from: Owner}
"""
_USE_HEADER: Final = "App Name,From,Through,Active Users,Last Opened"
_USE_MAPPING: Final = """\
# How the portal's report of use is read.
homeroom: mapping
name: use
connector: portal
table: app_use_records
needs: [App Name, Active Users]
columns:
  app: {from: App Name}
  since: {from: From}
  until: {from: Through}
  users: {from: Active Users}
  last_used: {from: Last Opened}
"""


def write_vendors(shelf: Shelf) -> None:
    """Write the three lists and state what is true of them."""
    agreements, contracts = tuple(_agreements(shelf)), tuple(_contracts(shelf))
    for name, header, mapping, rows in (
        ("agreements", _AGREEMENT_HEADER, _AGREEMENT_MAPPING, agreements),
        ("contracts", _CONTRACT_HEADER, _CONTRACT_MAPPING, contracts),
    ):
        shelf.list_of(name, header=header, mapping=mapping, rows=((said.key, *cells) for said, cells in rows))
        for said, _ in rows:
            shelf.stated(name, said)
    shelf.list_of("use", header=_USE_HEADER, mapping=_USE_MAPPING, rows=_use(shelf))


def _agreements(shelf: Shelf) -> Iterator[tuple[Said, Sequence[object]]]:
    """An agreement in force was signed 300 days ago; dates are counted back from today."""

    def row(
        said: Said,
        product: str,
        *,
        signed: int | None = 300,
        ends: int | None = -400,
        pupils: bool | None = True,
        data: str = "names; grades",
        word: str = "",
        link: bool = True,
    ) -> tuple[Said, Sequence[object]]:
        days = (shelf.ago(one) if one is not None else None for one in (signed, ends))
        url = f"https://agreements.example/{said.key.lower()}" if link else ""
        return said, (f"{product} Learning, Inc.", product, "Privacy", *days, yes(pupils), data, word, url)

    yield row(Said(key="A-01"), "Quizloom")
    yield row(Said(key="A-02", fails=["agreement-current"]), "Pixelbarn", signed=800, ends=1)
    yield row(Said(key="A-03", near={"agreement-current": "Today is its last day."}, fails=["agreement-ends-soon"]), "Sumstack", ends=0)  # fmt: skip
    yield row(Said(key="A-04", fails=["agreement-data-kinds"]), "Drivescan", data="", ends=-91)
    yield row(Said(key="A-05", fails=["agreement-can-be-read"], near={"agreement-ends-soon": "Ninety-one days are left."}), "Steadily", ends=-91, link=False)  # fmt: skip
    yield row(Said(key="A-06", fails=["agreement-ends-soon"]), "Mathtrail", ends=-90)
    waits = {"agreement-awaited": "Nobody uses it yet."}
    yield row(Said(key="A-07", fails=["agreement-signed"], near=waits), "Typequest", signed=None, ends=None, word="Requested")  # fmt: skip
    yield row(Said(key="A-08", fails=["agreement-awaited"]), "Mailpeek", signed=None, ends=None, pupils=False, word="Sent to vendor")  # fmt: skip
    yield row(Said(key="A-09", fails=["agreement-refused"]), "Deckbird", signed=None, ends=None, pupils=False, word="Refused by vendor")  # fmt: skip
    gone = {
        "agreement-refused": "Nobody let it in.",
        "agreement-signed": "It was refused and is not used.",
        "agreement-can-be-read": "It was never signed.",
    }
    yield row(Said(key="A-10", near=gone), "Gamebarn", signed=None, ends=None, word="Declined", link=False)
    unsaid = ["agreement-signed", "agreement-data-kinds", "agreement-can-be-read"]
    yield row(Said(key="A-11", fails=["agreement-says-whose-data"], unknown=unsaid), "Notehive", pupils=None)
    old = {"agreement-current": "A newer one took its place."}
    yield row(Said(key="A-12", near=old), "Gradenest", signed=900, ends=200)
    yield row(Said(key="A-13"), "Gradenest", signed=190, ends=-600)
    open_ = {
        "agreement-current": "It has no end.",
        "agreement-data-kinds": "No pupils' data is handed over.",
        "agreement-says-whose-data": "It says no.",
    }
    yield row(Said(key="A-14", near=open_), "Clipfern", ends=None, pupils=False, data="")  # fmt: skip


def _contracts(shelf: Shelf) -> Iterator[tuple[Said, Sequence[object]]]:
    def row(
        said: Said,
        product: str,
        *,
        seats: int = 100,
        ends: int = -200,
        renews: bool = True,
        notice: int | None = None,
        owner: str = "L. Ortega",
    ) -> tuple[Said, Sequence[object]]:
        last = shelf.ago(ends)
        days = (shelf.ago(ends + 364), last, yes(renews), None if notice is None else shelf.ago(notice))
        return said, (product, f"{product} Reseller", seats, f"{seats * 4}.50", *days, owner)

    half = {"contract-seats-used": "Half of the seats are used."}
    yield row(Said(key="C-01", near={**half, "contract-notice-day": "Sixty-one days are left."}), "Gradenest", seats=500, notice=-61)  # fmt: skip
    yield row(Said(key="C-02", fails=["contract-seats-used"], near={"contract-runs-out": "Ninety-one days are left."}), "Mathtrail", seats=500, ends=-91, renews=False)  # fmt: skip
    yield row(Said(key="C-03", fails=["contract-seats-enough", "contract-runs-out"]), "Flipdeck", ends=-90, renews=False)  # fmt: skip
    full = {"contract-seats-enough": "As many use it as there are seats."}
    yield row(Said(key="C-04", fails=["contract-notice-day"], near=full), "Soundpost", ends=-120, notice=-60)
    yield row(Said(key="C-05", fails=["contract-has-owner"], near={"contract-notice-day": "The day has passed."}), "Stagecue", notice=1, owner="")  # fmt: skip
    yield row(Said(key="C-06", fails=["contract-ended-in-use"]), "Tutorpath", ends=10, renews=False)
    yield row(Said(key="C-07", near={"contract-ended-in-use": "Nobody used it after its end."}), "Mapfinder", ends=10, renews=False)  # fmt: skip
    yield row(Said(key="C-08", near={"contract-ended-in-use": "A newer contract runs."}), "Fieldnotes", ends=10)
    yield row(Said(key="C-09"), "Fieldnotes", ends=-355)
    nobody_counts = ["contract-seats-used", "contract-seats-enough"]
    yield row(Said(key="C-10", unknown=nobody_counts), "Lampworks")
    ended = Said(key="C-11", unknown=["contract-ended-in-use"], near={"contract-has-owner": "It is over."})
    yield row(ended, "Inkpot", ends=30, owner="")


def _use(shelf: Shelf) -> Iterator[Sequence[object]]:
    """(app, first and last day of the period, users, last opened): of an app with a contract, and of some that pupils use."""
    users = {
        "Gradenest": (250, 2), "Mathtrail": (249, 2), "Flipdeck": (101, 2), "Soundpost": (100, 2), "Stagecue": (80, 2),
        "Tutorpath": (40, 9), "Mapfinder": (40, 11), "Fieldnotes": (60, 2), "Quizloom": (300, 2), "Oldtimer": (1, 181),
        "Steadily": (1, 180),
    }  # fmt: skip
    for app, (number, last) in users.items():
        day = shelf.ago(last)
        yield app, shelf.ago(last + 30), day, number, f"{day}T15:00:00Z"
