"""The pages on sign-in, input, keys and data say what the code does."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyrage
import pytest
from django.apps import apps
from django.conf import settings

from homeroom.apps.platform.districts.queries import AUDITOR, DIRECTOR, PRIVACY, TECHNICIAN
from homeroom.apps.platform.people_sign_in import codes
from homeroom.apps.platform.telemetry.log_lines import build_record_entry
from homeroom.config.bridge import load_limits
from homeroom.config.logs import build_logging
from homeroom.domain.platform import one_time_codes
from homeroom.domain.platform.permissions.table import PERMISSIONS
from homeroom.evidence.files.log_file import LOGS
from homeroom.evidence.tables.declaration import Privacy
from homeroom.web.shared import request_bodies
from homeroom.web.shared.sign_in import pending_sign_in
from tests.content.documentation import list_table_rows
from tests.content.walkthrough import ROOT

SOURCES = ROOT / "src" / "homeroom"
CRYPTOGRAPHY = {"cryptography", "fido2", "jwt", "pyrage", "hmac", "ssl"}
OF_DJANGO = {"django.utils.crypto", "django.core.signing"}


def read_page(name: str) -> str:
    return (ROOT / "docs" / "security" / f"{name}.md").read_text(encoding="utf-8")


def read_rows(name: str, heading: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of a section's table by their first cell."""
    section = re.split(r"^## ", read_page(name), flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(heading)]
    return {row[0].strip("`"): row[1:] for row in list_table_rows(text)}


def list_modules_with_cryptography() -> Iterator[str]:
    """Yield the modules that encrypt, sign or compare secrets, without the invented district."""
    for path in sorted(SOURCES.rglob("*.py")):
        name = str(path.relative_to(SOURCES))
        if name.startswith("sample/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if any(name.split(".")[0] in CRYPTOGRAPHY or name in OF_DJANGO for name in names):
                yield name
                break


def test_the_inventory_of_cryptography_has_each_module_that_uses_it() -> None:
    assert list(read_rows("cryptography", "Where cryptography is used")) == list(list_modules_with_cryptography())


def test_md5_and_sha_1_are_computed_for_authenticator_apps_alone() -> None:
    weak = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if re.search(r"hashlib\.(?:md5|sha1|new)\b|hashes\.(?:MD5|SHA1)|digest\(\s*[\"']md5", path.read_text("utf-8"))
    }
    assert weak == {"domain/platform/one_time_codes.py"}


def test_each_key_has_an_algorithm_a_place_and_a_way_to_replace_it() -> None:
    keys = read_rows("cryptography", "Keys")
    assert {"secret.key", "connections.key", "audit key", "backup identity", "passkeys", "TLS key"} <= keys.keys()
    assert all(len(cells) == 5 and all(cells) for cells in keys.values())


def test_each_table_of_the_state_has_a_class_of_data() -> None:
    classes = read_rows("data", "Classes and what protects them").keys()
    assert {value.value for value in Privacy} <= classes
    assert all(len(cells) == 5 and all(cells) for cells in read_rows("data", "Classes and what").values())
    listed = read_rows("data", "Tables of the state database")
    assert list(listed) == sorted({model._meta.app_label for model in apps.get_models()} - {"tests"})
    assert {cells[0] for cells in listed.values()} <= classes


def test_the_page_on_input_has_the_limits_of_the_code() -> None:
    limits = {name: cells[0] for name, cells in read_rows("input", "Limits").items()}
    gib = 1024**3
    assert limits == {
        "a form before its sender is known": f"{request_bodies.ANONYMOUS_BYTES // 1024} KB",
        "a form of a page": f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1024**2:.1f} MB, "
        f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields",
        "one drop of files": f"{settings.DROP_MOST_BYTES // gib} GB, {settings.DROP_MOST_FILES} files",
        "one file, unpacked": f"{settings.LIMITS.file // gib} GB",
        "all files of a zip, unpacked": f"{settings.LIMITS.unpacked // gib} GB",
        "a packed file": f"{settings.LIMITS.ratio} times its size",
        "bodies that one address sends at a time": f"{load_limits.BODIES_PER_ADDRESS}, "
        f"of which {load_limits.LARGE_PER_ADDRESS} large",
        "bodies in memory at a time": f"{load_limits.MOST_BUFFERED >> 20} MB",
        "printed codes at a time": f"{codes.MAX_CODES:,} people",
        "free tries at a password": "5, then a wait that doubles up to 15 minutes",
    }


def test_the_page_on_sign_in_has_the_times_of_the_code() -> None:
    sessions = {name: cells[0] for name, cells in read_rows("authentication", "Sessions").items()}
    assert sessions["longest session"] == f"{settings.SESSION_LIFETIME // timedelta(hours=1)} hours"
    assert sessions["without a request"] == f"{settings.SESSION_IDLE // timedelta(minutes=1)} minutes"
    assert sessions["a waiting second step"] == f"{pending_sign_in.LIFETIME // timedelta(minutes=1)} minutes"
    text = " ".join(read_page("authentication").split())
    assert f"One use within {codes.LIFETIME.days} days".lower() in text.lower()
    assert f"works for {settings.TEMPORARY_PASSPHRASE_LIFETIME // timedelta(hours=1)} hours" in text
    (shortest,) = [item["OPTIONS"]["min_length"] for item in settings.AUTH_PASSWORD_VALIDATORS if "OPTIONS" in item]
    assert f"At least {shortest} characters" in text


def test_there_is_no_way_in_that_the_page_does_not_have() -> None:
    callers = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if re.search(r"(?<![\w.])login\(|force_login|django\.contrib\.auth import .*\blogin\b", path.read_text("utf-8"))
    }
    assert callers == {"web/shared/sign_in/completed_sign_in.py"}
    methods = {
        match
        for path in (SOURCES / "web").rglob("*.py")
        for match in re.findall(r"^(?:PASSPHRASE|PASSKEY|CODE) = \"(\w+)\"", path.read_text("utf-8"), re.MULTILINE)
    }
    ways = " ".join(read_rows("authentication", "Ways in"))
    assert methods >= {"passphrase"}
    assert all(f"`{method}`" in ways for method in {*methods, "google", "microsoft"}), methods


def test_the_time_step_of_authenticator_apps_is_that_of_the_standard() -> None:
    assert (one_time_codes.STEP_SECONDS, one_time_codes.DIGITS, one_time_codes.DRIFT_STEPS) == (30, 6, 1)


def test_logs_go_where_the_page_on_monitoring_says_and_nowhere_else(tmp_path: Any) -> None:
    text = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")
    assert {f"`{name}.log`" for name in LOGS} == set(re.findall(r"^\| (`\w+\.log`)", text, re.MULTILINE))
    built = build_logging(data=tmp_path, policy=settings.LOG_POLICY, level="WARNING")
    handlers = {name: handler.get("class", handler.get("()")) for name, handler in built["handlers"].items()}
    assert handlers == {
        "log": "homeroom.apps.platform.telemetry.log_lines.DataFolderLog",
        "console": "logging.StreamHandler",
    }
    others = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if re.search(
            r"(?:File|SysLog|Socket|HTTP|SMTP)Handler\(|logging\.basicConfig|addHandler\(", path.read_text("utf-8")
        )
    }
    assert others == set()


def test_times_of_entries_are_utc() -> None:
    entry = build_record_entry(logging.LogRecord("homeroom.access", logging.INFO, __file__, 1, "", None, None))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)", entry["at"]), entry["at"]
    assert (settings.USE_TZ, settings.TIME_ZONE) == (True, "UTC")


def test_the_page_on_fields_names_the_roles_that_read_what_is_masked_for_others() -> None:
    header, *rows = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in read_page("data").split("## Which field who reads")[1].splitlines()
        if line.startswith("|") and "---" not in line
    ]
    names = {"director": DIRECTOR, "technician": TECHNICIAN, "privacy officer": PRIVACY, "auditor": AUDITOR}
    readers = {names[word] for word in header[1].split(", ")}
    assert PERMISSIONS["students.read"].roles == readers
    (masked,) = [row for row in rows if "`student`" in row[0]]
    assert (masked[1], masked[2].split(",")[0]) == ("shown", "masked")
    assert {f"`{value}`" for value in ("student", "individual", "secret")} <= set(
        re.findall(r"`\w+`", " ".join(row[0] for row in rows))
    )


def test_a_passphrase_of_a_backup_is_stretched_by_scrypt() -> None:
    header = pyrage.passphrase.encrypt(b"a key", "a passphrase of the operator").split(b"\n")
    assert header[0] == b"age-encryption.org/v1"
    stanza = header[1].split()
    assert stanza[:2] == [b"->", b"scrypt"]
    assert int(stanza[3]) >= 15, "the logarithm of N"
    assert re.findall(r"pyrage\.passphrase\.\w+", (SOURCES / "evidence/backups/age_stream.py").read_text("utf-8"))


@pytest.mark.parametrize("heading", ["Rules", "Files that people add", "What takes long", "Connections"])
def test_the_page_on_input_has_its_parts(heading: str) -> None:
    assert f"\n## {heading}" in read_page("input")
