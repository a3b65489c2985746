"""The list of mail domains: what somebody found in the public name service, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from homeroom.sample.lists import Said, Shelf, yes

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
_Row = tuple[Said, bool, str, bool | None, str]


def write_domains(shelf: Shelf, *, domain: str) -> None:
    """Write the list and state what is true of it."""
    rows = tuple(_domains(domain))
    shelf.list_of("mail-domains", header=_HEADER, mapping=_MAPPING, rows=(_cells(shelf, row) for row in rows))
    for said, *_ in rows:
        shelf.stated(SOURCE, said)


def _cells(shelf: Shelf, row: _Row) -> Sequence[object]:
    said, sends, spf, dkim, dmarc = row
    return (said.key, yes(sends), spf, yes(dkim), dmarc, shelf.ago(3))


def _domains(domain: str) -> Iterator[_Row]:
    """(what is true, whether it sends, SPF, DKIM, DMARC) of each; a blank record is one that nobody looked for."""
    soft, reports = "v=spf1 include:_spf.google.com ~all", "rua=mailto:dmarc@mail.example"
    good = f"v=DMARC1; p=reject; {reports}"
    yield Said(key=domain), True, soft, True, good
    why = "The record of the domain above it counts."
    near = {"dmarc-present": why, "dmarc-enforced": why, "dmarc-reports-read": why}
    yield Said(key=f"news.{domain}", fails=["dkim-published"], near=near), True, soft, False, "none"
    yield Said(key="alumni.example", fails=["spf-present", "dmarc-present"]), True, "none", True, "none"
    yield (
        Said(
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
        Said(
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
        Said(key="choir.example", fails=["spf-refuses-others"], near={"spf-not-open": "It vouches for nobody else."}),
        True,
        "v=spf1 mx ?all",
        True,
        good,
    )
    yield Said(key="pool.example", fails=["spf-refuses-others"]), True, "v=spf1 a mx", True, good
    part = f"v=DMARC1; p=quarantine; pct=99; {reports}"
    yield Said(key="drama.example", fails=["dmarc-all-of-it"]), True, soft, True, part
    ten = " ".join(f"include:s{n}.mail.example" for n in range(8))
    many = {"spf-few-lookups": "Ten look-ups are allowed."}
    yield Said(key="routes.example", fails=["spf-few-lookups"]), True, f"v=spf1 a mx ptr {ten} -all", True, good
    many["dmarc-all-of-it"] = "It says 100 in so many words."
    yield (
        Said(key="depot.example", near=many),
        True,
        f"v=spf1 a mx ip4:192.0.2.9 {ten} -all",
        True,
        f"v=DMARC1; p=reject; pct=100; {reports}",
    )
    yield Said(key="library.example", fails=["dmarc-reports-read"]), True, soft, True, "v=DMARC1; p=reject"
    yield Said(key="tutors.example", fails=["dmarc-below-too"]), True, soft, True, f"v=DMARC1; p=reject; sp=none; {reports}"  # fmt: skip
    yield Said(key="handed.example", unknown=["spf-not-open", "spf-refuses-others"]), True, "v=spf1 redirect=_spf.mail.example", True, good  # fmt: skip
    unseen = ["spf-present", "spf-not-open", "spf-refuses-others", "spf-few-lookups", "dkim-published", "dmarc-present"]
    yield Said(key="unseen.example", unknown=unseen), True, "", None, ""
    yield from _parked(good)


def _parked(good: str) -> Iterator[_Row]:
    sends = "It sends nothing."
    closed = {"parked-domain-silent": "It says that it sends nothing.", "dkim-published": sends}
    yield (
        Said(key="oldschool.example", fails=["parked-domain-silent", "dmarc-present"], near={"spf-present": sends}),
        False,
        "none",
        False,
        "none",
    )
    yield Said(key="annex.example", fails=["parked-domain-silent"]), False, "v=spf1 ~all", False, good
    yield Said(key="merged.example", near=closed), False, "v=spf1 -all", False, good
