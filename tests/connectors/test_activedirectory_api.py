"""Users of a domain controller over LDAP(S): paged, interrupted, refused, and read like Get-ADUser's JSON."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from homeroom.apps.know.sources.commands import load_package
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.connectors.activedirectory import api
from homeroom.connectors.activedirectory.api import ATTRIBUTES, CLIENT, format_sid
from homeroom.connectors.activedirectory.readers import ACCOUNTS, SECRETS, TIMES
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.detection.package import Package
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_session import ApiSession
from homeroom.ingest.remote.auth import build_basic_header
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.http_transport import open_transport
from homeroom.ingest.remote.ldap_transport import LDAP3_MISSING
from homeroom.ingest.remote.sync_runner import StreamResult, SyncJob, remove_fetched_pages, run_sync_job
from homeroom.ingest.rows.field_table import normalize_heading
from homeroom.library.know.api_specs import get_api_spec
from tests.services.domaincontroller import ACCOUNT, PASSWORD, DomainController, Entry
from tests.services.server import LOCAL_POLICY
from tests.services.world import World

PAGE = 5
SID = bytes.fromhex("0105000000000005150000000100000002000000030000004f040000")


@pytest.fixture(autouse=True)
def _shrink_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.PAGE_SIZE == 500, "what every domain controller gives at once, and half of what most do"
    monkeypatch.setattr(api, "PAGE_SIZE", PAGE)


def build_user(number: int, **overrides: bytes) -> Entry:
    attributes: dict[str, list[bytes]] = {
        "objectClass": [b"top", b"person", b"organizationalPerson", b"user"],
        "objectCategory": [b"person"],
        "objectGUID": [UUID(int=number).bytes_le],
        "objectSid": [SID],
        "sAMAccountName": [f"student{number}".encode()],
        "userPrincipalName": [f"Student{number}@maple.example".encode()],
        "givenName": ["Zoë".encode()],
        "userAccountControl": [b"66050" if number == 2 else b"512"],
        "whenCreated": [b"20260801120000.0Z"],
        "pwdLastSet": [b"134081532000000000"],
        "accountExpires": [b"9223372036854775807"],
        "unixUserPassword": [b"hunter2hunter2"],
    }
    return attributes | {name: [value] for name, value in overrides.items()}


def build_controller(count: int, **options: Any) -> DomainController:
    entries = {
        f"CN=Student {number},OU=Lincoln,DC=maple,DC=example": build_user(number) for number in range(1, count + 1)
    }
    computer = {
        "objectClass": [b"top", b"user", b"computer"],
        "objectCategory": [b"computer"],
        "objectGUID": [b"x" * 16],
    }
    return DomainController(entries={**entries, "CN=PC1,OU=Lincoln,DC=maple,DC=example": computer}, **options)


class SyncTrial:
    """One connection to one controller, synced several times."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.world, self.store = folder, World(), EvidenceStore(folder / "evidence", district="maple")
        self.settings = {"part": "maple.example", "account": ACCOUNT, "password": PASSWORD, **settings}

    def run(self, port: int, *, calls: int = 10**6) -> StreamResult[LoadResult]:
        """Run one sync; the process is killed after the given number of calls."""
        registered = get_api_spec("activedirectory")
        job = SyncJob(spec=registered.client, connector=registered.connector, folder=self.folder / "spool")
        settings = {"server": f"ldap://127.0.0.1:{port}", **self.settings}
        calls_left = iter(range(calls))
        with open_transport(seconds=5, policy=LOCAL_POLICY) as send:

            def send_counted(*arguments: Any) -> Any:
                if next(calls_left, None) is None:
                    raise KeyboardInterrupt
                return send(*arguments)

            session = ApiSession(
                spec=CLIENT, settings=CLIENT.apply_defaults(settings), send=send_counted, clock=self.world.clock
            )
            (result,) = run_sync_job(
                job, session=session, at=self.world.read_clock(), progress=lambda *_: None, load=self._load
            )
        remove_fetched_pages(job)
        return result

    def _load(self, package: Package) -> LoadResult:
        return load_package(package, store=self.store, at=self.world.read_clock(), source=None, approved=True)

    @property
    def accounts(self) -> pl.DataFrame:
        (load,) = self.store.list_current_loads()
        return pl.read_parquet(self.store.get_blob_path(load.tables["account_records"].blob)).sort("email")


def test_users_come_page_by_page_and_are_read_as_an_export_is(tmp_path: Path) -> None:
    trial, served = SyncTrial(tmp_path), build_controller(11)
    with served.serve() as port:
        result = trial.run(port)
    assert (result.error, result.problems, served.searches, served.binds) == (None, (), 3, 1)
    assert len(trial.accounts) == 11
    row = trial.accounts.filter(pl.col("email") == "student2@maple.example").row(0, named=True)
    assert {name: row[name] for name in ("key", "given_name", "org_unit", "suspended", "password_never_expires")} == {
        "key": str(UUID(int=2)),
        "given_name": "Zoë",
        "org_unit": "/Lincoln",
        "suspended": True,
        "password_never_expires": True,
    }
    assert (row["created_at"], row["password_set_at"].year) == (datetime(2026, 8, 1, 12, tzinfo=UTC), 2025)
    assert row["expires_on"] is None


def test_what_is_not_set_is_none_on_every_page_and_what_is_set_is_read(tmp_path: Path) -> None:
    trial, served = SyncTrial(tmp_path), build_controller(11)
    named = build_user(
        3,
        servicePrincipalName=b"HTTP/a",
        sIDHistory=SID,
        adminCount=b"1",
        memberOf=b"CN=Domain Admins,CN=Users,DC=maple",
    )
    served.entries["CN=Student 3,OU=Lincoln,DC=maple,DC=example"] = named
    with served.serve() as port:
        trial.run(port)
    records = trial.accounts.select("email", "service_names", "sid_history", "admin_mark", "protected_group").rows()
    rows = {email: values for email, *values in records}
    assert rows.pop("student3@maple.example") == [["HTTP/a"], True, True, True]
    assert all(values == [[], False, False, False] for values in rows.values())
    assert len(rows) == 10


def test_nothing_but_what_the_reader_reads_is_asked_for() -> None:
    read = {normalize_heading(name) for field in ACCOUNTS for name in field.headings}
    read |= {normalize_heading(name) for _, headings in TIMES for name in headings}
    requested = {normalize_heading(name) for name in ATTRIBUTES}
    assert requested <= read
    assert not requested & SECRETS


@pytest.mark.parametrize("forgets", [True, False])
def test_a_connection_cut_in_mid_page_loses_nothing(tmp_path: Path, forgets: bool) -> None:
    trial, served = SyncTrial(tmp_path), build_controller(12, troubles={2: "cut", 4: "busy"}, forgets=forgets)
    with served.serve() as port:
        result = trial.run(port)
    assert result.error is None
    assert len(trial.accounts) == trial.accounts["key"].n_unique() == 12


@pytest.mark.parametrize("forgets", [True, False])
def test_a_killed_sync_goes_on_or_begins_again_and_loses_nothing(tmp_path: Path, forgets: bool) -> None:
    trial, served = SyncTrial(tmp_path), build_controller(12, forgets=forgets)
    with served.serve() as port:
        with pytest.raises(KeyboardInterrupt):
            trial.run(port, calls=3)
        spooled = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
        before = served.searches
        trial.run(port)
    assert b"student5" in spooled
    assert not any(
        secret in spooled
        for secret in (
            PASSWORD.encode(),
            build_basic_header(ACCOUNT, PASSWORD)["Authorization"].encode()[6:],
            b"hunter2",
        )
    )
    assert served.searches - before == (4 if forgets else 1)
    assert len(trial.accounts) == trial.accounts["key"].n_unique() == 12


def test_a_deleted_account_is_gone_after_the_next_sync(tmp_path: Path) -> None:
    trial, served = SyncTrial(tmp_path), build_controller(3)
    with served.serve() as port:
        trial.run(port)
        del served.entries["CN=Student 3,OU=Lincoln,DC=maple,DC=example"]
        trial.run(port)
    assert trial.accounts["email"].to_list() == ["student1@maple.example", "student2@maple.example"]


def test_a_wrong_password_a_referral_and_no_such_part_are_told_and_nothing_is_loaded(tmp_path: Path) -> None:
    served = build_controller(3, troubles={1: "referral"})
    with served.serve() as port:
        with pytest.raises(RemoteError) as refused:
            SyncTrial(tmp_path, password="hunter2hunter2").run(port)
        sent_away = SyncTrial(tmp_path).run(port)
    assert (refused.value.reason, "invalidCredentials:52e" in refused.value.sentence) == (errors.DENIED, True)
    assert "hunter2" not in refused.value.sentence
    assert sent_away.error is not None
    assert (sent_away.error.reason, SyncTrial(tmp_path).store.list_current_loads()) == (errors.ASTRAY, ())


def test_a_controller_that_is_down_is_tried_and_comes_later(tmp_path: Path) -> None:
    served, trial = build_controller(3), SyncTrial(tmp_path)
    with served.serve() as port:
        pass
    with pytest.raises(RemoteError) as down:
        trial.run(port)
    assert (down.value.reason, down.value.is_temporary, served.binds) == (errors.UNREACHABLE, True, 0)
    assert trial.world.slept > 60
    with served.serve() as port:
        trial.run(port)
    assert len(trial.accounts) == 3


def test_without_ldap3_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ldap3", None)
    result = SyncTrial(tmp_path).run(9)
    assert result.error is not None
    assert result.error.sentence == LDAP3_MISSING


def test_a_password_never_travels_in_the_open(tmp_path: Path) -> None:
    result = SyncTrial(tmp_path, server="ldap://dc1.maple.example").run(9)
    assert result.error is not None
    assert result.error.reason == errors.ASTRAY


def test_only_a_certificate_of_the_entered_authority_and_of_that_name_is_trusted(tmp_path: Path) -> None:
    served = build_controller(2)
    with _issue_certificate(tmp_path, "localhost") as (tls, authority), served.serve(tls) as port:
        trial = SyncTrial(tmp_path / "a", server=f"localhost:{port}", authority=authority)
        assert trial.run(port).error is None
        with pytest.raises(RemoteError) as unknown:
            SyncTrial(tmp_path / "b", server=f"localhost:{port}").run(port)
        with pytest.raises(RemoteError) as garbled:
            SyncTrial(tmp_path / "c", server=f"localhost:{port}", authority="no certificate").run(port)
    binds = served.binds
    with (
        _issue_certificate(tmp_path, "dc1.maple.example") as (tls, authority),
        served.serve(tls) as port,
        pytest.raises(RemoteError) as wrong_host,
    ):
        SyncTrial(tmp_path / "d", server=f"localhost:{port}", authority=authority).run(port)
    assert {refusal.value.reason for refusal in (unknown, garbled, wrong_host)} == {errors.UNTRUSTED}
    assert (len(trial.accounts), served.binds) == (2, binds)


@contextmanager
def _issue_certificate(folder: Path, host: str) -> Iterator[tuple[ssl.SSLContext, str]]:
    """Yield a server's TLS context with a certificate for that host, and the certificate as its authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dc1.maple.example")]), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(1), now + timedelta(1))
    builder = builder.add_extension(names, critical=False).add_extension(
        x509.BasicConstraints(True, None), critical=True
    )
    signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{host}.pem"
    path.write_bytes(secret + signed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    yield context, signed.decode()


def test_a_security_identifier_as_text() -> None:
    assert format_sid(SID) == "S-1-5-21-1-2-3-1103"
    assert format_sid(bytes.fromhex("01020000000000052000000020020000")) == "S-1-5-32-544"
