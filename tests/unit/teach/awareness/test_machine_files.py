"""Machines that look at mail: networks and programs as content, refused with what would fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.domain.teach.awareness.machines import NetworkKind, NetworkSet, build_agent_pattern, normalize_address
from homeroom.library.teach.awareness.machine_files import load_machines
from homeroom.library.yaml_loader import ContentRefused

FILE = """\
networks:
  - {id: mail, title: Mail, kind: scanner, networks: [192.0.2.0/24, "2001:db8:1::/48"], source: its maker}
programs:
  - {id: proxy, title: Proxy, agents: [ImageProxy], source: its maker}
"""


def _load(folder: Path, text: str) -> object:
    (folder / "awareness").mkdir(exist_ok=True)
    (folder / "awareness" / "machines.yaml").write_text(text, encoding="utf-8")
    load_machines.cache_clear()
    return load_machines(folder)


def test_what_ships_has_a_source_and_no_network_of_a_school_or_home():
    machines = load_machines()
    assert all(entry.source for entry in (*machines.networks, *machines.programs))
    networks = NetworkSet(network for item in machines.networks for network in item.networks)
    assert networks.has("40.107.218.12")
    assert networks.has("66.249.84.1")
    assert not any(networks.has(address) for address in ("203.0.113.1", "10.0.0.1", "2001:db8::1", "no address", ""))


def test_a_program_is_known_by_a_word_of_its_agent_and_a_browser_is_not():
    pattern = build_agent_pattern(load_machines().programs)
    assert pattern is not None
    assert pattern.search("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)")
    for agent in (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    ):
        assert not pattern.search(agent)


def test_a_file_that_is_dropped_in_is_loaded(tmp_path: Path):
    machines = _load(tmp_path, FILE)
    assert machines.networks[0].kind is NetworkKind.SCANNER  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ("kind: scanner->kind: robot", "networks.mail.kind"),
        ("192.0.2.0/24->192.0.2.7/24", "networks.mail"),
        ("source: its maker}\nprograms->colour: red}\nprograms", "networks.1.colour"),
        ("agents: [ImageProxy]->agents: ImageProxy", "programs.1.agents"),
    ],
)
def test_what_is_wrong_is_refused_with_its_field(tmp_path: Path, wrong: str, field: str):
    old, new = wrong.split("->")
    with pytest.raises(ContentRefused) as refusal:
        _load(tmp_path, FILE.replace(old, new))
    assert field in [problem.field for problem in refusal.value.problems]


def test_addresses_of_one_home_are_one_place():
    assert normalize_address("2001:db8::7") == normalize_address("2001:db8::9")
    assert normalize_address("::ffff:192.0.2.7") == ("192.0.2.7", "192.0.2.0/24")
    assert normalize_address("somewhere") == ("somewhere", "somewhere")


def test_networks_within_networks_are_looked_up():
    networks = NetworkSet([*(network for item in load_machines().networks for network in item.networks)])
    assert networks.has("40.92.200.1")
    assert networks.has("::ffff:40.92.200.1")
