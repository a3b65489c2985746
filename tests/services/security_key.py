"""A passkey in software, written after WebAuthn level 2: it registers and signs as a test wants, right or wrong.

It shares no code with what checks it; the few forms of CBOR that it needs are written here.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SecurityKey:
    """A key with one credential. `flags` are what it claims; `origin` is the site that the browser states."""

    origin: str = "https://homeroom.test"
    rp_id: str = "homeroom.test"
    flags: int = PRESENT | VERIFIED
    counter: int = 1
    kind: str = ""
    handle: str = ""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def register(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the browser answers to a request for registration."""
        public = options["publicKey"]
        self.handle = public["user"]["id"]
        point = self.private_key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + encode_cbor(key)
        data = self._build_data(self.flags | ATTESTED) + attested
        self.counter += 1
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": encode(self._build_client_data("webauthn.create", public["challenge"])),
            "attestationObject": encode(attestation),
        }
        return self._build_answer(response)

    def sign(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the browser answers to a request for a signature."""
        client_data = self._build_client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._build_data(self.flags)
        signature = self.private_key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": self.handle,
        }
        self.counter += 1
        return self._build_answer(response)

    def _build_answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = encode(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _build_client_data(self, kind: str, challenge: str) -> bytes:
        document = {"type": self.kind or kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(document).encode()

    def _build_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")


def encode(value: bytes) -> str:
    """Return bytes in base64url without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of a text in base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode_cbor(value: Any) -> bytes:
    """Return a value in CBOR: whole numbers, texts, bytes and maps (RFC 8949)."""
    if isinstance(value, int):
        return _encode_head(0, value) if value >= 0 else _encode_head(1, -1 - value)
    if isinstance(value, bytes):
        return _encode_head(2, len(value)) + value
    if isinstance(value, str):
        return _encode_head(3, len(value.encode())) + value.encode()
    return _encode_head(5, len(value)) + b"".join(encode_cbor(k) + encode_cbor(v) for k, v in value.items())


def _encode_head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    if number < 1 << 8:
        return bytes([kind << 5 | 24, number])
    return bytes([kind << 5 | 25]) + number.to_bytes(2, "big")
