"""An agent reports to a real server process over TLS only."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import warnings
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.sample_server import find_free_port, kill_process, run_process, start_process, wait_until
from tests.services.certificates import create_certificate
from tests.services.osqueryd import Osqueryd

pytestmark = pytest.mark.scale


def check_old_protocols_are_refused(port: int) -> None:
    """Check that the server itself ends a handshake of an old version, and one of old ciphers."""
    old, weak = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    weak.minimum_version = weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    for context in (old, weak):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
            pytest.raises(ssl.SSLError, match=r"(?i)alert"),
        ):
            context.wrap_socket(connection)


def test_an_agent_reports_to_the_served_house_over_tls_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    enrollment = json.loads(run_process("agents", "enroll-secret", "--json", data=data))
    chain, key = create_certificate(tmp_path)
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
        check_old_protocols_are_refused(port)
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
