"""An agent reports to a real server process over TLS only."""

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

from tests.sample_server import find_free_port, kill_process, run_process, start_process, wait_until
from tests.services.osqueryd import Osqueryd

pytestmark = pytest.mark.scale


def _create_certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "homeroom.maple.example")])
    now = datetime.now(UTC)
    certificate = (
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
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


def test_an_agent_reports_to_the_served_house_over_tls_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    enrollment = json.loads(run_process("agents", "enroll-secret", "--json", data=data))
    chain, key = _create_certificate(tmp_path)
    port = find_free_port()
    server = start_process(
        "serve", "--no-worker", "--port", str(port), "--certificate", str(chain), "--key", str(key), data=data
    )
    trust = ssl.create_default_context(cafile=str(chain))

    def post_message(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=20)
        try:
            connection.request("POST", f"{enrollment['endpoints']}/{endpoint}", body=body, headers=dict(headers))
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def is_up() -> bool:
        try:
            return post_message("config", b"{}", {"Content-Type": "application/json"}) == (200, {"node_invalid": True})
        except (OSError, ssl.SSLError):
            return False

    try:
        wait_until(is_up)
        agent = Osqueryd(post_message, secret=enrollment["secret"])
        assert agent.enroll()
        assert agent.answer_queries()
        agent.log_snapshots()
        plain_connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with closing(plain_connection):
            plain_connection.request("POST", f"{enrollment['endpoints']}/config", body=b"{}")
            with pytest.raises((http.client.HTTPException, OSError)):
                plain_connection.getresponse()
    finally:
        kill_process(server)
    (loaded,) = json.loads(run_process("agents", "collect", "--json", data=data))["loaded"]
    assert (loaded["source"], loaded["outcome"]) == ("osquery", "new")
    assert loaded["load"]["changes"]["software_records"]["rows"] == 2
