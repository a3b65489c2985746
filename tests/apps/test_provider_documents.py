"""The description of a provider counts only if it is that of the issuer who was asked."""

from __future__ import annotations

import msgspec
import pytest

from homeroom.apps.platform.people_sign_in import provider_documents
from homeroom.apps.platform.people_sign_in.identity_providers import IdentityRefused
from homeroom.ingest.remote.api_spec import Request, Response

ISSUER = "https://accounts.google.com"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/o/oauth2/v2/auth",
    "token_endpoint": "https://oauth2.googleapis.com/token",
    "jwks_uri": "https://www.googleapis.com/oauth2/v3/certs",
}


@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ({}, True),
        ({"issuer": "https://accounts.google.com.evil.example"}, False),
        ({"issuer": f"{ISSUER}/"}, False),
        ({"issuer": ISSUER.upper()}, False),
        ({"issuer": None}, False),
        ({"jwks_uri": 7}, False),
    ],
)
def test_metadata_of_another_issuer_is_refused(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, object], is_taken: bool
) -> None:
    body = msgspec.json.encode(DOCUMENT | change)

    def answer(request: Request) -> Response:
        assert request.url == f"{ISSUER}/.well-known/openid-configuration"
        return Response(status=200, headers={}, body=body)

    monkeypatch.setattr(provider_documents, "send_to_provider", answer)
    documents = provider_documents.ProviderDocuments()
    if is_taken:
        assert documents.get_configuration(ISSUER)["issuer"] == ISSUER
        return
    with pytest.raises(IdentityRefused):
        documents.get_configuration(ISSUER)
