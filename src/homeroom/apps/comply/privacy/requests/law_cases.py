"""Open requests as cases of laws, so that the duties that they start are among all others."""

from __future__ import annotations

from homeroom.apps.comply.laws.catalog import list_laws
from homeroom.apps.comply.privacy.models import PrivacyRequest
from homeroom.apps.comply.privacy.requests.deadlines import list_request_duties
from homeroom.domain.comply.laws.duties import LawCase
from homeroom.domain.comply.privacy.requests import MOMENTS, REQUESTED, RequestKind
from homeroom.domain.platform.district import District

CASE_KIND = "request"


class RequestCases:
    """The requests that nobody answered yet, as a source of cases."""

    def list_cases(self, *, district: District) -> tuple[LawCase, ...]:
        """Return the requests without an answer, newest first."""
        rows = PrivacyRequest.objects.of(district).filter(closed_on=None, answered_on=None)
        return tuple(_build_case(row, district) for row in rows.order_by("-received_on", "-id"))

    def find_case(self, *, district: District, case: str) -> LawCase | None:
        """Return a request by its id, also one that is answered; None for any other id."""
        row = PrivacyRequest.objects.of(district).filter(public=case).first()
        return None if row is None else _build_case(row, district)


def _build_case(row: PrivacyRequest, district: District) -> LawCase:
    """Return a request as a case; its title names nobody, for more people see duties than requests."""
    kind = RequestKind(row.kind)
    moment = MOMENTS.get(kind, REQUESTED)
    return LawCase(
        id=row.public,
        kind=CASE_KIND,
        title=f"Request: {kind}, received {row.received_on:%b} {row.received_on.day}, {row.received_on.year}",
        opened_on=row.received_on,
        moments={moment: row.received_on.isoformat()},
        duties=list_request_duties(list_laws(district=district), kind) or ("none:none",),
    )
