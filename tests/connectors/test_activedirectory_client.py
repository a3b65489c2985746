"""Users of a domain controller over LDAP(S): paged, interrupted, refused, and read as Get-ADUser's JSON is."""

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

from homeroom.apps.sources.commands import load_package
from homeroom.apps.sources.reports import Loaded
from homeroom.connectors.activedirectory import client
from homeroom.connectors.activedirectory.client import ATTRIBUTES, CLIENT, sid
from homeroom.connectors.activedirectory.reading import ACCOUNTS, SECRETS, TIMES
from homeroom.evidence.store import Store
from homeroom.ingest.packages import Package
from homeroom.ingest.remote import faults
from homeroom.ingest.remote.directory import LACKING
from homeroom.ingest.remote.faults import Fault
from homeroom.ingest.remote.line import Line
from homeroom.ingest.remote.sending import opened
from homeroom.ingest.remote.signing import basic
from homeroom.ingest.remote.touring import Tour, Toured, forget, toured
from homeroom.ingest.rows import folded
from homeroom.library.clients import client_named
from tests.services.domaincontroller import ACCOUNT, PASSWORD, Controller, Entry
from tests.services.world import World

PAGE = 5
SID = bytes.fromhex("0105000000000005150000000100000002000000030000004f040000")


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.AT_ONCE == 500, "what every domain controller gives at once, and half of what most do"
    monkeypatch.setattr(client, "AT_ONCE", PAGE)


def user(number: int, **more: bytes) -> Entry:
    given: dict[str, list[bytes]] = {
        "objectClass": [b"top", b"person", b"organizationalPerson", b"user"],
        "objectCategory": [b"person"],
        "objectGUID": [UUID(int=number).bytes_le],
        "objectSid": [SID],
        "sAMAccountName": [f"pupil{number}".encode()],
        "userPrincipalName": [f"Pupil{number}@maple.example".encode()],
        "givenName": ["Zoë".encode()],
        "userAccountControl": [b"66050" if number == 2 else b"512"],
        "whenCreated": [b"20260801120000.0Z"],
        "pwdLastSet": [b"134081532000000000"],
        "accountExpires": [b"9223372036854775807"],
        "unixUserPassword": [b"hunter2hunter2"],
    }
    return given | {name: [value] for name, value in more.items()}


def controller(count: int, **how: Any) -> Controller:
    entries = {f"CN=Pupil {number},OU=Lincoln,DC=maple,DC=example": user(number) for number in range(1, count + 1)}
    computer = {
        "objectClass": [b"top", b"user", b"computer"],
        "objectCategory": [b"computer"],
        "objectGUID": [b"x" * 16],
    }
    return Controller(entries={**entries, "CN=PC1,OU=Lincoln,DC=maple,DC=example": computer}, **how)


class Trial:
    """One connection to one controller, sync after sync."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.world, self.store = folder, World(), Store(folder / "evidence", district="maple")
        self.settings = {"part": "maple.example", "account": ACCOUNT, "password": PASSWORD, **settings}

    def run(self, port: int, *, calls: int = 10**6) -> Toured[Loaded]:
        """One sync, of which the process is killed after so many calls."""
        found = client_named("activedirectory")
        tour = Tour(client=found.client, connector=found.connector, folder=self.folder / "spool")
        settings = {"server": f"ldap://127.0.0.1:{port}", **self.settings}
        left = iter(range(calls))
        with opened(seconds=5) as send:

            def sent(*given: Any) -> Any:
                if next(left, None) is None:
                    raise KeyboardInterrupt
                return send(*given)

            line = Line(client=CLIENT, settings=CLIENT.complete(settings), send=sent, clock=self.world.clock)
            (told,) = toured(tour, line=line, at=self.world.now(), progress=lambda *_: None, load=self._load)
        forget(tour)
        return told

    def _load(self, package: Package) -> Loaded:
        return load_package(package, store=self.store, at=self.world.now(), source=None, approved=True)

    @property
    def accounts(self) -> pl.DataFrame:
        (load,) = self.store.standing()
        return pl.read_parquet(self.store.blob(load.tables["account_records"].blob)).sort("email")


def test_users_come_page_by_page_and_are_read_as_an_export_is(tmp_path: Path) -> None:
    trial, served = Trial(tmp_path), controller(11)
    with served.served() as port:
        told = trial.run(port)
    assert (told.fault, told.problems, served.searches, served.binds) == (None, (), 3, 1)
    assert len(trial.accounts) == 11
    row = trial.accounts.filter(pl.col("email") == "pupil2@maple.example").row(0, named=True)
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
    trial, served = Trial(tmp_path), controller(11)
    named = user(
        3,
        servicePrincipalName=b"HTTP/a",
        sIDHistory=SID,
        adminCount=b"1",
        memberOf=b"CN=Domain Admins,CN=Users,DC=maple",
    )
    served.entries["CN=Pupil 3,OU=Lincoln,DC=maple,DC=example"] = named
    with served.served() as port:
        trial.run(port)
    told = trial.accounts.select("email", "service_names", "sid_history", "admin_mark", "protected_group").rows()
    rows = {email: rest for email, *rest in told}
    assert rows.pop("pupil3@maple.example") == [["HTTP/a"], True, True, True]
    assert all(rest == [[], False, False, False] for rest in rows.values())
    assert len(rows) == 10


def test_nothing_but_what_the_reader_reads_is_asked_for() -> None:
    read = {folded(name) for field in ACCOUNTS for name in field.headings}
    read |= {folded(name) for _, headings in TIMES for name in headings}
    asked = {folded(name) for name in ATTRIBUTES}
    assert asked <= read
    assert not asked & SECRETS


@pytest.mark.parametrize("forgets", [True, False])
def test_a_connection_cut_in_mid_page_loses_nothing(tmp_path: Path, forgets: bool) -> None:
    trial, served = Trial(tmp_path), controller(12, troubles={2: "cut", 4: "busy"}, forgets=forgets)
    with served.served() as port:
        told = trial.run(port)
    assert told.fault is None
    assert len(trial.accounts) == trial.accounts["key"].n_unique() == 12


@pytest.mark.parametrize("forgets", [True, False])
def test_a_killed_sync_goes_on_or_begins_anew_and_loses_nothing(tmp_path: Path, forgets: bool) -> None:
    trial, served = Trial(tmp_path), controller(12, forgets=forgets)
    with served.served() as port:
        with pytest.raises(KeyboardInterrupt):
            trial.run(port, calls=3)
        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
        before = served.searches
        trial.run(port)
    assert b"pupil5" in kept
    assert not any(
        secret in kept
        for secret in (PASSWORD.encode(), basic(ACCOUNT, PASSWORD)["Authorization"].encode()[6:], b"hunter2")
    )
    assert served.searches - before == (4 if forgets else 1)
    assert len(trial.accounts) == trial.accounts["key"].n_unique() == 12


def test_a_deleted_account_is_gone_after_the_next_sync(tmp_path: Path) -> None:
    trial, served = Trial(tmp_path), controller(3)
    with served.served() as port:
        trial.run(port)
        del served.entries["CN=Pupil 3,OU=Lincoln,DC=maple,DC=example"]
        trial.run(port)
    assert trial.accounts["email"].to_list() == ["pupil1@maple.example", "pupil2@maple.example"]


def test_a_wrong_password_a_referral_and_no_such_part_are_told_and_nothing_is_loaded(tmp_path: Path) -> None:
    served = controller(3, troubles={1: "referral"})
    with served.served() as port:
        with pytest.raises(Fault) as refused:
            Trial(tmp_path, password="hunter2hunter2").run(port)
        sent_away = Trial(tmp_path).run(port)
    assert (refused.value.reason, "invalidCredentials:52e" in refused.value.sentence) == (faults.DENIED, True)
    assert "hunter2" not in refused.value.sentence
    assert sent_away.fault is not None
    assert (sent_away.fault.reason, Trial(tmp_path).store.standing()) == (faults.ASTRAY, ())


def test_a_controller_that_is_down_is_tried_and_comes_later(tmp_path: Path) -> None:
    served, trial = controller(3), Trial(tmp_path)
    with served.served() as port:
        pass
    with pytest.raises(Fault) as down:
        trial.run(port)
    assert (down.value.reason, down.value.passing, served.binds) == (faults.UNREACHABLE, True, 0)
    assert trial.world.slept > 60
    with served.served() as port:
        trial.run(port)
    assert len(trial.accounts) == 3


def test_without_ldap3_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ldap3", None)
    told = Trial(tmp_path).run(9)
    assert told.fault is not None
    assert told.fault.sentence == LACKING


def test_a_password_never_travels_in_the_open(tmp_path: Path) -> None:
    told = Trial(tmp_path, server="ldap://dc1.maple.example").run(9)
    assert told.fault is not None
    assert told.fault.reason == faults.ASTRAY


def test_only_a_certificate_of_the_entered_authority_and_of_that_name_is_trusted(tmp_path: Path) -> None:
    served = controller(2)
    with _certified(tmp_path, "localhost") as (tls, authority), served.served(tls) as port:
        trial = Trial(tmp_path / "a", server=f"localhost:{port}", authority=authority)
        assert trial.run(port).fault is None
        with pytest.raises(Fault) as unknown:
            Trial(tmp_path / "b", server=f"localhost:{port}").run(port)
        with pytest.raises(Fault) as garbled:
            Trial(tmp_path / "c", server=f"localhost:{port}", authority="no certificate").run(port)
    binds = served.binds
    with (
        _certified(tmp_path, "dc1.maple.example") as (tls, authority),
        served.served(tls) as port,
        pytest.raises(Fault) as other,
    ):
        Trial(tmp_path / "d", server=f"localhost:{port}", authority=authority).run(port)
    assert {one.value.reason for one in (unknown, garbled, other)} == {faults.UNTRUSTED}
    assert (len(trial.accounts), served.binds) == (2, binds)


@contextmanager
def _certified(folder: Path, host: str) -> Iterator[tuple[ssl.SSLContext, str]]:
    """A server's TLS with a certificate for that host, and the certificate's own text, which is its authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dc1.maple.example")]), datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(1), now + timedelta(1))
    made = made.add_extension(names, critical=False).add_extension(x509.BasicConstraints(True, None), critical=True)
    signed = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{host}.pem"
    path.write_bytes(secret + signed)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    yield context, signed.decode()


def test_a_security_identifier_as_text() -> None:
    assert sid(SID) == "S-1-5-21-1-2-3-1103"
    assert sid(bytes.fromhex("01020000000000052000000020020000")) == "S-1-5-32-544"
