"""What a provider publishes: its endpoints and its signing keys, remembered for an hour."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.conf import settings

from homeroom.apps.platform.people_sign_in.id_tokens import Keys
from homeroom.apps.platform.people_sign_in.identity_providers import IdentityRefused
from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.errors import ConnectionBroken, RemoteError
from homeroom.ingest.remote.http_transport import open_transport

_SECONDS, _TOTAL_SECONDS, _MAX_BYTES = 8.0, 15.0, 1 << 20
_REMEMBER_SECONDS, _REFRESH_SECONDS = 3600, 60
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass
class ProviderDocuments:
    """Documents of providers by address. Unknown keys make the list of keys be read again, once a minute at most."""

    _read: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get_configuration(self, issuer: str) -> Mapping[str, Any]:
        """Return the endpoints of an issuer. Raise IdentityRefused if it cannot be reached or is another's."""
        document = self._get(f"{issuer}/.well-known/openid-configuration", max_age=_REMEMBER_SECONDS)
        if document.get("issuer") != issuer or not all(isinstance(document.get(name), str) for name in _ENDPOINTS):
            raise IdentityRefused("the provider's description is another's")
        return document

    def get_keys(self, issuer: str, *, renewed: bool = False) -> Keys:
        """Return the signing keys of an issuer by their ids. Raise IdentityRefused if they cannot be read."""
        max_age = _REFRESH_SECONDS if renewed else _REMEMBER_SECONDS
        document = self._get(self.get_configuration(issuer)["jwks_uri"], max_age=max_age)
        keys = document.get("keys")
        items = [item for item in keys if isinstance(item, dict)] if isinstance(keys, list) else []
        return {item["kid"]: item for item in items if isinstance(item.get("kid"), str)}

    def forget(self) -> None:
        """Forget everything that was read."""
        with self._lock:
            self._read.clear()

    def _get(self, url: str, *, max_age: float) -> dict[str, Any]:
        with self._lock:
            read_at, document = self._read.get(url, (0.0, {}))
        if document and time.monotonic() - read_at < max_age:
            return document
        document = _parse(send_to_provider(Request(method="GET", url=url)))
        with self._lock:
            self._read[url] = (time.monotonic(), document)
        return document


DOCUMENTS = ProviderDocuments()


def send_to_provider(request: Request) -> Response:
    """Send one request to a provider and return its response. Raise IdentityRefused if there is none."""
    try:
        with open_transport(seconds=_SECONDS, total_seconds=_TOTAL_SECONDS, policy=settings.ADDRESS_POLICY) as send:
            return send(request, _MAX_BYTES)
    except (RemoteError, ConnectionBroken) as error:
        raise IdentityRefused(f"the provider cannot be reached: {error}") from None


def _parse(response: Response) -> dict[str, Any]:
    if response.status != 200:
        raise IdentityRefused(f"the provider answers with status {response.status}")
    try:
        return msgspec.json.decode(response.body, type=dict[str, Any])
    except msgspec.DecodeError:
        raise IdentityRefused("the provider's answer is no JSON") from None
