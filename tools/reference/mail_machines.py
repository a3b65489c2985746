"""The reference page of machines that look at mail, from content/awareness."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.teach.awareness.machines import KnownNetwork, KnownProgram
from homeroom.library.teach.awareness.machine_files import load_machines

MACHINES = """# Machines that look at mail

Networks and programs whose visits are never a person's own ([awareness](../teach/awareness.md)). A network of the kind
`web filter` is different: people browse through it, and only its second look at a link is removed. A file in
`content/awareness/` has `networks` and `programs`, each a list with

| key | value |
|---|---|
| `id`, `title` | small letters, digits and hyphens; what it is called |
| `kind` | of networks: `scanner` or `web filter` |
| `networks` | of networks: such as `192.0.2.0/24` or `2001:db8::/32` |
| `agents` | of programs: words of the user agent, any of which is enough, in any case |
| `source`, `checked_on` | where it is published, and when that was read; without a day it is recalled |
"""


def render_pages() -> dict[str, str]:
    """Render the page of machines."""
    return {"machines.md": "\n".join([MACHINES, *_render_rows()])}


def _render_rows() -> Iterator[str]:
    machines = load_machines()
    yield "| network | kind | addresses | source |"
    yield "|---|---|---|---|"
    yield from (_render_network(network) for network in machines.networks)
    yield ""
    yield "| program | words of its user agent | source |"
    yield "|---|---|---|"
    yield from (_render_program(program) for program in machines.programs)


def _render_network(network: KnownNetwork) -> str:
    addresses = ", ".join(f"`{item}`" for item in network.networks)
    return f"| {network.title} | {network.kind} | {addresses} | {_render_source(network)} |"


def _render_program(program: KnownProgram) -> str:
    words = ", ".join(f"`{word}`" for word in program.agents)
    return f"| {program.title} | {words} | {_render_source(program)} |"


def _render_source(entry: KnownNetwork | KnownProgram) -> str:
    return f"{entry.source}{f', {entry.checked_on}' if entry.checked_on else ''}"
