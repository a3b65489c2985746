"""An agent and the served house, with nothing between them but TLS."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.houses import awaited, free_port, killed, said, started
from tests.services.osqueryd import Osqueryd

pytestmark = pytest.mark.scale


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "homeroom.maple.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


def test_an_agent_reports_to_the_served_house_over_tls_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = json.loads(said("enrol-secret", "--json", data=data))
    chain, key = _certificate(tmp_path)
    port = free_port()
    served = started(
        "serve", "--no-worker", "--port", str(port), "--certificate", str(chain), "--key", str(key), data=data
    )
    trust = ssl.create_default_context(cafile=str(chain))

    def post(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        line = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=20)
        try:
            line.request("POST", f"{made['endpoints']}/{endpoint}", body=body, headers=dict(headers))
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()

    def up() -> bool:
        try:
            return post("config", b"{}", {"Content-Type": "application/json"}) == (200, {"node_invalid": True})
        except (OSError, ssl.SSLError):
            return False

    try:
        awaited(up)
        agent = Osqueryd(post, secret=made["secret"])
        assert agent.enrol()
        assert agent.visit()
        agent.snapshots()
        plain = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with closing(plain):
            plain.request("POST", f"{made['endpoints']}/config", body=b"{}")
            with pytest.raises((http.client.HTTPException, OSError)):
                plain.getresponse()
    finally:
        killed(served)
    (loaded,) = json.loads(said("take-in", "--json", data=data))["loaded"]
    assert (loaded["source"], loaded["outcome"]) == ("osquery", "new")
    assert loaded["load"]["changes"]["software_records"]["rows"] == 2
