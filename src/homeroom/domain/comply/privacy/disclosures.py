"""Grounds on which education records are disclosed (34 CFR 99.30 and 99.31), and which of them must be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DisclosureBasis:
    """A ground of disclosure. `must_record` is false where 34 CFR 99.32(d) asks for no record; one may still be made.

    `needs_threat` is true where the record states the threat (34 CFR 99.32(a)(5)).
    """

    id: str
    title: str
    citation: str
    must_record: bool = True
    needs_threat: bool = False


_BASES = (
    DisclosureBasis(id="other-school", title="School where the student enrolls", citation="34 CFR 99.31(a)(2)"),
    DisclosureBasis(id="audit", title="Audit or evaluation by an education authority", citation="34 CFR 99.31(a)(3)"),
    DisclosureBasis(id="financial-aid", title="Financial aid", citation="34 CFR 99.31(a)(4)"),
    DisclosureBasis(id="juvenile-justice", title="Juvenile justice system", citation="34 CFR 99.31(a)(5)"),
    DisclosureBasis(id="study", title="Study for the school", citation="34 CFR 99.31(a)(6)"),
    DisclosureBasis(id="accreditation", title="Accrediting organization", citation="34 CFR 99.31(a)(7)"),
    DisclosureBasis(id="court", title="Judicial order or subpoena", citation="34 CFR 99.31(a)(9)"),
    DisclosureBasis(
        id="emergency", title="Health or safety emergency", citation="34 CFR 99.31(a)(10)", needs_threat=True
    ),
    DisclosureBasis(
        id="child-welfare", title="Child welfare agency responsible for the student", citation="20 USC 1232g(b)(1)(L)"
    ),
    DisclosureBasis(id="consent", title="Written consent", citation="34 CFR 99.30", must_record=False),
    DisclosureBasis(
        id="school-official",
        title="School official with a legitimate interest, vendors included",
        citation="34 CFR 99.31(a)(1)",
        must_record=False,
    ),
    DisclosureBasis(id="directory", title="Directory information", citation="34 CFR 99.31(a)(11)", must_record=False),
    DisclosureBasis(id="parent", title="Parent or eligible student", citation="34 CFR 99.31(a)(12)", must_record=False),
)
BASES: Mapping[str, DisclosureBasis] = {basis.id: basis for basis in _BASES}
