"""Each command of docs/operations/ works as it is written, in the order of its index, on a server of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from homeroom.config.environment import SETTINGS
from tests import amounts
from tests.content.documentation import list_table_rows
from tests.content.operations.machine import DATABASE, OperatorMachine, prepare_machine
from tests.content.walkthrough import ROOT, FencedBlock, parse_blocks
from tests.services.certificates import create_certificate
from tools.postgres import start_postgres

PAGES = ROOT / "docs" / "operations"
INDEX = PAGES / "README.md"
THOROUGH_PAGES = {"move.md"}  # starts a PostgreSQL server


def list_pages_in_order() -> list[Path]:
    """Return the pages as the index links them."""
    names = re.findall(r"^- \[[^\]]+\]\((\w[\w-]*\.md)\)", INDEX.read_text(encoding="utf-8"), re.MULTILINE)
    return [PAGES / name for name in names]


def walk_page(page: Path, machine: OperatorMachine) -> int:
    """Run the commands of a page and return how many blocks ran; fail on a command or output that differs."""
    block_count, output = 0, ""
    for block in parse_blocks(page):
        if block.language == "sh":
            output = _run_block(page, block, machine)
            block_count += 1
        elif block.language == "text":
            missing = [
                line for line in block.text.splitlines() if " ".join(line.split()) not in " ".join(output.split())
            ]
            assert missing == [], f"{page.name} promises {missing}; there was:\n{output[-3000:]}"
    return block_count


def _run_block(page: Path, block: FencedBlock, machine: OperatorMachine) -> str:
    result = machine.run(block.text.replace("./run homeroom ", "homeroom "))
    codes = {int(code) for code in (block.get_option("exits") or "0").split(",")}
    log = machine.root / "homeroom.log"
    tail = log.read_text(encoding="utf-8")[-2000:] if log.exists() else ""
    assert result.returncode in codes, (
        f"{page.name}: exit code {result.returncode} of\n{block.text}\n{result.stdout[-3000:]}\nlog of the service:\n"
        f"{tail}"
    )
    return result.stdout


def build_address(server: dict[str, str]) -> str:
    """Return the address of a PostgreSQL server for tests, in one text."""
    return f"postgresql://postgres@/postgres?host={server['PGHOST']}&port={server['PGPORT']}"


def test_the_index_links_each_page_of_operations() -> None:
    assert sorted(list_pages_in_order()) == sorted(set(PAGES.glob("*.md")) - {INDEX})


@pytest.mark.scale
@pytest.mark.skipif(sys.platform != "linux", reason="the pages are for servers with systemd")
def test_the_pages_of_operations_work_as_they_are_written(tmp_path: Path) -> None:
    pages = [page for page in list_pages_in_order() if amounts.THOROUGH or page.name not in THOROUGH_PAGES]
    with ExitStack() as stack:
        database = build_address(stack.enter_context(start_postgres())) if amounts.THOROUGH else DATABASE
        machine = stack.enter_context(prepare_machine(tmp_path, database=database))
        create_certificate(machine.source)  # what an operator has from their authority
        counts = {page.name: walk_page(page, machine) for page in pages}
        log = (machine.root / "homeroom.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "Fatal Python error" not in log
    assert counts["install.md"] >= 5
    assert counts["upgrade.md"] >= 2


def test_no_command_has_a_password_in_its_lines() -> None:
    blocks = [block for page in list_pages_in_order() for block in parse_blocks(page) if block.language == "sh"]
    assert len(blocks) > 20
    assert [block.text for block in blocks if "PASSWORD" in block.text] == []


def test_the_settings_of_a_container_have_no_quotes_that_its_engine_would_pass_on() -> None:
    text = (ROOT / "deploy" / "podman" / "container.env").read_text(encoding="utf-8")
    settings = [line for line in text.splitlines() if not line.startswith("#")]
    assert settings == ["HOMEROOM_DATA=/var/lib/homeroom"]
    page = (PAGES / "containers.md").read_text(encoding="utf-8")
    assert "deploy/podman/container.env /etc/homeroom/container.env" in page
    assert page.index("systemctl start homeroom") < page.index("podman exec")


@pytest.mark.skipif(sys.platform == "win32", reason="the pages are for servers with a shell")
@pytest.mark.parametrize(("runs", "other"), [("0.1.0", "0.2.0"), ("0.2.0", "0.1.0")])
def test_the_program_that_runs_stays_after_an_upgrade_and_after_going_back(
    tmp_path: Path, runs: str, other: str
) -> None:
    page = (PAGES / "upgrade.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page.partition("## Afterwards")[2], re.DOTALL)
    for name in (f"opt/homeroom-{runs}", f"opt/homeroom-{other}", "var/lib/homeroom-before-0.2.0"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "opt" / "homeroom").symlink_to(tmp_path / "opt" / f"homeroom-{runs}")
    script = blocks[0].replace("/opt/", f"{tmp_path}/opt/").replace("/var/", f"{tmp_path}/var/")
    done = subprocess.run(["bash", "-euc", f'sudo() {{ "$@"; }}\n{script}'], check=False)
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "opt").iterdir()) == ["homeroom", f"homeroom-{runs}"]
    assert list((tmp_path / "var/lib").iterdir()) == []
    assert "homeroom-set-aside" not in blocks[0]


def test_each_setting_of_retention_is_on_its_page_with_its_default() -> None:
    rows = [" ".join(row) for row in list_table_rows((PAGES / "retention.md").read_text(encoding="utf-8"))]
    settings = {setting.name: setting.default for setting in SETTINGS if setting.meaning.startswith("For how many")}
    assert len(settings) >= 4
    for name, default in settings.items():
        assert any(f"`{name}`" in row and re.search(rf"\b{default}\b", row) for row in rows), name


def test_paths_and_ports_of_a_command_are_those_of_the_server() -> None:
    machine = OperatorMachine(root=Path("/tmp/x"), ports={"8000": "9"})
    assert machine.replace_paths("cp a /etc/x && /usr/bin/env ./opt/y http://127.0.0.1:8000/z 18000") == (
        "cp a /tmp/x/etc/x && /usr/bin/env ./opt/y http://127.0.0.1:9/z 18000"
    )
