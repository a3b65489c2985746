"""Ports of the invented hosts: a port, its state, and what scripts of a scan would learn of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Port:
    """One port; a value that is None was not scanned for.

    `state` is open, closed, filtered or open|filtered; `tls` lists the versions that it offers (TLSv1.2), `ciphers`
    those that it accepts with each; `until` is the certificate's last day, `alone` whether it is self-signed; `smb`
    lists the versions of file sharing (1, 2:0:2, 3:1:1), `signing` is whether it requires signatures; `sign_in` is
    False if the scan got in without one, True if it was refused; `title` is the page's.
    """

    number: int
    state: str = "open"
    protocol: str = "tcp"
    product: str = ""
    version: str = ""
    tls: tuple[str, ...] | None = None
    ciphers: tuple[str, ...] = ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",)
    until: date | None = None
    alone: bool | None = None
    smb: tuple[str, ...] | None = None
    signing: bool | None = None
    sign_in: bool | None = None
    title: str | None = None


Ports = tuple[Port, ...]


def build_ports(*pairs: tuple[int, str]) -> Ports:
    """Build ports of known state only, from (number, state)."""
    return tuple(Port(number=number, state=state) for number, state in pairs)
