"""The privacy agreement of one tool: the agreements that name it, and those about all products of its vendor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import duckdb

from homeroom.domain.comply.privacy.flows import VendorAgreement
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.domain.manage.tools.adoption import AgreementCheck, AgreementVerdict, ToolCheck
from homeroom.engines.comply.privacy.agreement_terms import AgreementState, ProductTerms
from homeroom.engines.comply.privacy.flow_inputs import read_agreements
from homeroom.engines.comply.privacy.vendor_index import OTHER_KINDS
from homeroom.library.comply.privacy.elements import load_vocabulary

SOON = timedelta(days=120)
"""Within how many days an end is said: as long as for renewals."""


def check_agreement(session: duckdb.DuckDBPyConnection, checked: ToolCheck, *, today: date) -> AgreementCheck:
    """Check whether an agreement about data covers a tool on a day."""
    listed = read_agreements(session, vocabulary=load_vocabulary(), today=today)
    return judge_agreement(listed, checked, today=today)


def judge_agreement(listed: Sequence[VendorAgreement], checked: ToolCheck, *, today: date) -> AgreementCheck:
    """Judge the agreements of a district about one tool: the best that is in force today decides.

    Insurance and security reviews allow no data, so they are no agreements here.
    """
    agreements = tuple(_iter_own(listed, checked))
    terms = ProductTerms(agreements=agreements, today=today, is_listed=bool(listed))
    state = terms.find_state(today)
    if state is AgreementState.UNKNOWN:
        return AgreementCheck(verdict=AgreementVerdict.CANNOT_TELL, status=str(state))
    in_force = terms.list_in_force(today)
    if not in_force:
        newest = max(agreements, key=lambda entry: (entry.signed_on or date.min, entry.key), default=None)
        return AgreementCheck(
            verdict=AgreementVerdict.MISSING,
            status=str(state),
            key=newest.key if newest else None,
            vendor=newest.vendor if newest else None,
            ends_on=newest.ends_on if newest else None,
        )
    best = max(in_force, key=lambda entry: (not entry.schools, entry.ends_on or date.max, entry.key))
    ends_soon = best.ends_on is not None and best.ends_on <= today + SOON
    return AgreementCheck(
        verdict=AgreementVerdict.EXPIRES if ends_soon else AgreementVerdict.COVERED,
        status=str(state),
        key=best.key,
        vendor=best.vendor,
        ends_on=best.ends_on,
        schools=_join_schools(in_force),
    )


def _iter_own(listed: Iterable[VendorAgreement], checked: ToolCheck) -> Iterable[VendorAgreement]:
    keys = {record.key for record in checked.records if record.table == "agreement_records"}
    names = (*checked.vendors, *([checked.tool.name] if checked.tool else [checked.query]))
    vendors = {build_vendor_key(name) for name in names} - {""}
    for agreement in listed:
        if OTHER_KINDS.fullmatch(agreement.kind.strip()):
            continue
        if agreement.key in keys or (agreement.product is None and build_vendor_key(agreement.vendor) in vendors):
            yield agreement


def _join_schools(agreements: Sequence[VendorAgreement]) -> tuple[str, ...]:
    """Return the schools that agreements are for together; none where one is for all."""
    if not all(agreement.schools for agreement in agreements):
        return ()
    return tuple(sorted({school for agreement in agreements for school in agreement.schools}))
