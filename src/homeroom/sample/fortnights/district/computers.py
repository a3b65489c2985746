"""Computers that send their events: two domain controllers, servers and a lab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LAB_SIZE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Computer:
    """A computer: `role` is controller, files, backup, sql, remote, imaging, sync or lab."""

    name: str
    role: str
    address: str
    domain: str
    serial: str

    @property
    def full_name(self) -> str:
        """Name as Windows writes it into its events."""
        return f"{self.name}.{self.domain}"

    @property
    def account(self) -> str:
        """Its account in the domain."""
        return f"{self.name}$"


_SERVERS: Final = (
    ("DC01", "controller"),
    ("DC02", "controller"),
    ("FS01", "files"),
    ("BACKUP01", "backup"),
    ("SIS01", "sql"),
    ("RDS01", "remote"),
    ("IMAGE01", "imaging"),
    ("SYNC01", "sync"),
)


def plan_computers(domain: str) -> tuple[Computer, ...]:
    """Plan the computers."""
    servers = [
        Computer(name=name, role=role, address=f"10.20.0.{10 + turn}", domain=domain, serial=f"SRV{turn + 1:05d}")
        for turn, (name, role) in enumerate(_SERVERS)
    ]
    lab = [
        Computer(
            name=f"LAB2-{seat:02d}", role="lab", address=f"10.20.40.{20 + seat}", domain=domain, serial=f"LAB{seat:05d}"
        )
        for seat in range(1, LAB_SIZE + 1)
    ]
    return (*servers, *lab)
