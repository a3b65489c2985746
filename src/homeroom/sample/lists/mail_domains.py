"""The list of mail domains: their public DNS records, and the controls that they fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter, format_yes_no

SOURCE: Final = "names"
_HEADER: Final = "Domain,Sends Mail,SPF Record,DKIM Published,DMARC Record,Looked Up"
_MAPPING: Final = """\
# How the technology office's list of mail domains is read.
homeroom: mapping
name: mail
connector: names
table: mail_domains
needs: [SPF Record, DMARC Record]
columns:
  domain: {from: Domain, as: lower}
  sends: {from: Sends Mail}
  spf: {from: SPF Record}
  dkim: {from: DKIM Published}
  dmarc: {from: DMARC Record}
  looked_at: {from: Looked Up}
"""
_DomainRow = tuple[ExpectedFindings, bool, str, bool | None, str]


def write_domains(lists: ListWriter, *, domain: str) -> None:
    """Write the list and record what is true of it."""
    rows = tuple(_list_domains(domain))
    lists.write_list("mail-domains", header=_HEADER, mapping=_MAPPING, rows=(_build_cells(lists, row) for row in rows))
    for expected, *_ in rows:
        lists.record_expected(SOURCE, expected)


def _build_cells(lists: ListWriter, row: _DomainRow) -> Sequence[object]:
    expected, sends, spf, dkim, dmarc = row
    return (expected.key, format_yes_no(sends), spf, format_yes_no(dkim), dmarc, lists.subtract_days(3))


def _list_domains(domain: str) -> Iterator[_DomainRow]:
    """Yield (expected findings, whether it sends mail, SPF, DKIM, DMARC) of each domain.

    A blank record was never looked up.
    """
    soft, reports = "v=spf1 include:_spf.google.com ~all", "rua=mailto:dmarc@mail.example"
    good = f"v=DMARC1; p=reject; {reports}"
    yield ExpectedFindings(key=domain), True, soft, True, good
    reason = "The record of the domain above it counts."
    near = {"dmarc-present": reason, "dmarc-enforced": reason, "dmarc-reports-read": reason}
    yield ExpectedFindings(key=f"news.{domain}", fails=["dkim-published"], near=near), True, soft, False, "none"
    yield ExpectedFindings(key="alumni.example", fails=["spf-present", "dmarc-present"]), True, "none", True, "none"
    yield (
        ExpectedFindings(
            key="boosters.example",
            fails=["spf-not-open"],
            near={"spf-refuses-others": "That it lets everybody send is told elsewhere."},
        ),
        True,
        "v=spf1 mx +all",
        True,
        good,
    )
    yield (
        ExpectedFindings(
            key="band.example",
            fails=["dmarc-enforced"],
            near={"dmarc-below-too": "There is no policy that could be weaker below."},
        ),
        True,
        soft,
        True,
        f"v=DMARC1; p=none; sp=none; {reports}",
    )
    yield (
        ExpectedFindings(
            key="choir.example", fails=["spf-refuses-others"], near={"spf-not-open": "It vouches for nobody else."}
        ),
        True,
        "v=spf1 mx ?all",
        True,
        good,
    )
    yield ExpectedFindings(key="pool.example", fails=["spf-refuses-others"]), True, "v=spf1 a mx", True, good
    part = f"v=DMARC1; p=quarantine; pct=99; {reports}"
    yield ExpectedFindings(key="drama.example", fails=["dmarc-all-of-it"]), True, soft, True, part
    ten = " ".join(f"include:s{n}.mail.example" for n in range(8))
    limit_cases = {"spf-few-lookups": "Ten look-ups are allowed."}
    yield (
        ExpectedFindings(key="routes.example", fails=["spf-few-lookups"]),
        True,
        f"v=spf1 a mx ptr {ten} -all",
        True,
        good,
    )
    limit_cases["dmarc-all-of-it"] = "It says 100 in so many words."
    yield (
        ExpectedFindings(key="depot.example", near=limit_cases),
        True,
        f"v=spf1 a mx ip4:192.0.2.9 {ten} -all",
        True,
        f"v=DMARC1; p=reject; pct=100; {reports}",
    )
    yield ExpectedFindings(key="library.example", fails=["dmarc-reports-read"]), True, soft, True, "v=DMARC1; p=reject"
    yield (
        ExpectedFindings(key="tutors.example", fails=["dmarc-below-too"]),
        True,
        soft,
        True,
        (f"v=DMARC1; p=reject; sp=none; {reports}"),
    )
    yield (
        ExpectedFindings(key="handed.example", unknown=["spf-not-open", "spf-refuses-others"]),
        True,
        "v=spf1 redirect=_spf.mail.example",
        True,
        good,
    )
    unseen = ["spf-present", "spf-not-open", "spf-refuses-others", "spf-few-lookups", "dkim-published", "dmarc-present"]
    yield ExpectedFindings(key="unseen.example", unknown=unseen), True, "", None, ""
    yield from _list_parked_domains(good)


def _list_parked_domains(good: str) -> Iterator[_DomainRow]:
    sends = "It sends nothing."
    closed = {"parked-domain-silent": "It says that it sends nothing.", "dkim-published": sends}
    yield (
        ExpectedFindings(
            key="oldschool.example", fails=["parked-domain-silent", "dmarc-present"], near={"spf-present": sends}
        ),
        False,
        "none",
        False,
        "none",
    )
    yield ExpectedFindings(key="annex.example", fails=["parked-domain-silent"]), False, "v=spf1 ~all", False, good
    yield ExpectedFindings(key="merged.example", near=closed), False, "v=spf1 -all", False, good
