"""What the invented hosts answer with: a port, its state, and what a scan that asks further would learn of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Port:
    """One port. What is None, no scan asked for.

    `state` is open, closed, filtered or open|filtered; `tls` the versions that it offers (TLSv1.2), `ciphers` what it accepts
    with each; `until` the certificate's last day, `alone` whether it signed itself; `smb` the versions of file sharing
    (1, 2:0:2, 3:1:1), `signing` whether it demands signatures; `sign_in` is False where the scan was let in without one,
    True where it was turned away; `title` is the page's.
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


def ports(*pairs: tuple[int, str]) -> Ports:
    """Ports of which only the state is known, from (number, state)."""
    return tuple(Port(number=number, state=state) for number, state in pairs)
