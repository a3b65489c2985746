"""The district's relations with vendors: data agreements, contracts, and use of their products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter, format_yes_no

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


def write_vendors(lists: ListWriter) -> None:
    """Write the three lists and record what is true of them."""
    agreements, contracts = tuple(_list_agreements(lists)), tuple(_list_contracts(lists))
    for name, header, mapping, rows in (
        ("agreements", _AGREEMENT_HEADER, _AGREEMENT_MAPPING, agreements),
        ("contracts", _CONTRACT_HEADER, _CONTRACT_MAPPING, contracts),
    ):
        lists.write_list(
            name, header=header, mapping=mapping, rows=((expected.key, *cells) for expected, cells in rows)
        )
        for expected, _ in rows:
            lists.record_expected(name, expected)
    lists.write_list("use", header=_USE_HEADER, mapping=_USE_MAPPING, rows=_list_use(lists))


def _list_agreements(lists: ListWriter) -> Iterator[tuple[ExpectedFindings, Sequence[object]]]:
    """Yield the agreements; one in force was signed 300 days ago, and dates count back from today."""

    def build_row(
        expected: ExpectedFindings,
        product: str,
        *,
        signed: int | None = 300,
        ends: int | None = -400,
        students: bool | None = True,
        data: str = "names; grades",
        status: str = "",
        link: bool = True,
    ) -> tuple[ExpectedFindings, Sequence[object]]:
        days = (lists.subtract_days(days_ago) if days_ago is not None else None for days_ago in (signed, ends))
        url = f"https://agreements.example/{expected.key.lower()}" if link else ""
        return expected, (
            f"{product} Learning, Inc.",
            product,
            "Privacy",
            *days,
            format_yes_no(students),
            data,
            status,
            url,
        )

    yield build_row(ExpectedFindings(key="A-01"), "Quizloom", data="Student names; E-Mail; grades")
    yield build_row(ExpectedFindings(key="A-02", fails=["agreement-current"]), "Pixelbarn", signed=800, ends=1)
    yield build_row(
        ExpectedFindings(
            key="A-03", near={"agreement-current": "Today is its last day."}, fails=["agreement-ends-soon"]
        ),
        "Sumstack",
        ends=0,
    )
    yield build_row(ExpectedFindings(key="A-04", fails=["agreement-data-kinds"]), "Drivescan", data="", ends=-91)
    yield build_row(
        ExpectedFindings(
            key="A-05", fails=["agreement-can-be-read"], near={"agreement-ends-soon": "Ninety-one days are left."}
        ),
        "Steadily",
        ends=-91,
        link=False,
    )
    yield build_row(ExpectedFindings(key="A-06", fails=["agreement-ends-soon"]), "Mathtrail", ends=-90)
    waits = {"agreement-awaited": "Nobody uses it yet."}
    yield build_row(
        ExpectedFindings(key="A-07", fails=["agreement-signed"], near=waits),
        "Typequest",
        signed=None,
        ends=None,
        status="Requested",
    )
    yield build_row(
        ExpectedFindings(key="A-08", fails=["agreement-awaited"]),
        "Mailpeek",
        signed=None,
        ends=None,
        students=False,
        status="Sent to vendor",
    )
    yield build_row(
        ExpectedFindings(key="A-09", fails=["agreement-refused"]),
        "Deckbird",
        signed=None,
        ends=None,
        students=False,
        status="Refused by vendor",
    )
    refused = {
        "agreement-refused": "Nobody let it in.",
        "agreement-signed": "It was refused and is not used.",
        "agreement-can-be-read": "It was never signed.",
    }
    yield build_row(
        ExpectedFindings(key="A-10", near=refused), "Gamebarn", signed=None, ends=None, status="Declined", link=False
    )
    unanswered = ["agreement-signed", "agreement-data-kinds", "agreement-can-be-read"]
    yield build_row(
        ExpectedFindings(key="A-11", fails=["agreement-says-whose-data"], unknown=unanswered), "Notehive", students=None
    )
    replaced = {"agreement-current": "A newer one took its place."}
    yield build_row(ExpectedFindings(key="A-12", near=replaced), "Gradenest", signed=900, ends=200)
    yield build_row(ExpectedFindings(key="A-13"), "Gradenest", signed=190, ends=-600)
    open_ = {
        "agreement-current": "It has no end.",
        "agreement-data-kinds": "No students' data is handed over.",
        "agreement-says-whose-data": "It says no.",
    }
    open_ended = ExpectedFindings(key="A-14", near=open_)
    yield build_row(open_ended, "Clipfern", ends=None, students=False, data="")


def _list_contracts(lists: ListWriter) -> Iterator[tuple[ExpectedFindings, Sequence[object]]]:
    def build_row(
        expected: ExpectedFindings,
        product: str,
        *,
        seats: int = 100,
        ends: int = -200,
        renews: bool = True,
        notice: int | None = None,
        owner: str = "L. Ortega",
    ) -> tuple[ExpectedFindings, Sequence[object]]:
        last = lists.subtract_days(ends)
        days = (
            lists.subtract_days(ends + 364),
            last,
            format_yes_no(renews),
            None if notice is None else lists.subtract_days(notice),
        )
        return expected, (product, f"{product} Reseller", seats, f"{seats * 4}.50", *days, owner)

    half = {"contract-seats-used": "Half of the seats are used."}
    yield build_row(
        ExpectedFindings(key="C-01", near={**half, "contract-notice-day": "Sixty-one days are left."}),
        "Gradenest",
        seats=500,
        notice=-61,
    )
    yield build_row(
        ExpectedFindings(
            key="C-02", fails=["contract-seats-used"], near={"contract-runs-out": "Ninety-one days are left."}
        ),
        "Mathtrail",
        seats=500,
        ends=-91,
        renews=False,
    )
    yield build_row(
        ExpectedFindings(key="C-03", fails=["contract-seats-enough", "contract-runs-out"]),
        "Flipdeck",
        ends=-90,
        renews=False,
    )
    full = {"contract-seats-enough": "As many use it as there are seats."}
    yield build_row(
        ExpectedFindings(key="C-04", fails=["contract-notice-day"], near=full), "Soundpost", ends=-120, notice=-60
    )
    yield build_row(
        ExpectedFindings(key="C-05", fails=["contract-has-owner"], near={"contract-notice-day": "The day has passed."}),
        "Stagecue",
        notice=1,
        owner="",
    )
    yield build_row(ExpectedFindings(key="C-06", fails=["contract-ended-in-use"]), "Tutorpath", ends=10, renews=False)
    yield build_row(
        ExpectedFindings(key="C-07", near={"contract-ended-in-use": "Nobody used it after its end."}),
        "Mapfinder",
        ends=10,
        renews=False,
    )
    yield build_row(
        ExpectedFindings(key="C-08", near={"contract-ended-in-use": "A newer contract runs."}), "Fieldnotes", ends=10
    )
    yield build_row(ExpectedFindings(key="C-09"), "Fieldnotes", ends=-355)
    seat_controls = ["contract-seats-used", "contract-seats-enough"]
    yield build_row(ExpectedFindings(key="C-10", unknown=seat_controls), "Lampworks")
    ended = ExpectedFindings(key="C-11", unknown=["contract-ended-in-use"], near={"contract-has-owner": "It is over."})
    yield build_row(ended, "Inkpot", ends=30, owner="")


def _list_use(lists: ListWriter) -> Iterator[Sequence[object]]:
    """Yield (app, first and last day of the period, users, last opened).

    The apps have a contract, or students use them.
    """
    users = {
        "Gradenest": (250, 2), "Mathtrail": (249, 2), "Flipdeck": (101, 2), "Soundpost": (100, 2), "Stagecue": (80, 2),
        "Tutorpath": (40, 9), "Mapfinder": (40, 11), "Fieldnotes": (60, 2), "Quizloom": (300, 2), "Oldtimer": (1, 181),
        "Steadily": (1, 180),
    }  # fmt: skip
    for app, (number, last) in users.items():
        day = lists.subtract_days(last)
        yield app, lists.subtract_days(last + 30), day, number, f"{day}T15:00:00Z"
