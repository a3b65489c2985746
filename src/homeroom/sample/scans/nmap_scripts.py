"""Output of nmap's scripts for a port, as -oX writes it."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from homeroom.sample.scans.ports import Port

_ACCESS_GRANTED: Final = {
    21: ("ftp-anon", "Anonymous FTP login allowed (FTP code 230)"),
    25: ("smtp-open-relay", "Server is an open relay (14/16 tests)"),
    161: ("snmp-sysdescr", "HP J9773A 2530-24G-PoEP Switch, revision YA.16.11"),
    5900: ("vnc-info", "\n  Protocol version: 3.8\n  Security types: \n    None (1)"),
    6379: ("redis-info", "\n  Version: 6.0.9\n  Operating System: Linux 5.4.0 x86_64"),
}
_ACCESS_DENIED: Final = {
    25: ("smtp-open-relay", "Server doesn't seem to be an open relay, all tests failed"),
    5900: ("vnc-info", "\n  Protocol version: 3.8\n  Security types: \n    VNC Authentication (2)"),
    6379: ("redis-info", "ERROR: authentication required"),
}


def render_port_scripts(port: Port) -> str:
    """Render the scripts of one port."""
    scripts = ""
    if port.title is not None:
        inner = f'<elem key="title">{escape(port.title)}</elem>'
        scripts += f'<script id="http-title" output={quoteattr(port.title)}>{inner}</script>'
    if port.until is not None:
        scripts += _render_certificate(port)
    if port.tls is not None:
        scripts += _render_ciphers(port)
    if port.sign_in is not None:
        name, output = (_ACCESS_DENIED if port.sign_in else _ACCESS_GRANTED)[port.number]
        scripts += f'<script id="{name}" output={_quote(output)}/>'
    return scripts


def render_host_scripts(ports: tuple[Port, ...]) -> str:
    """Render the host scripts: those that probe file sharing."""
    scripts = ""
    for port in ports:
        if port.smb is not None:
            names = [
                "NT LM 0.12 (SMBv1) [dangerous, but default]" if dialect == "1" else dialect for dialect in port.smb
            ]
            inner = "".join(f"<elem>{name}</elem>" for name in names)
            output = "\n  dialects: " + "".join(f"\n    {name}" for name in names)
            scripts += (
                f'<script id="smb-protocols" output={_quote(output)}><table key="dialects">{inner}</table></script>'
            )
        if port.signing is not None:
            signing_text = (
                "Message signing enabled and required" if port.signing else "Message signing enabled but not required"
            )
            inner = f'<table key="3:1:1"><elem>{signing_text}</elem></table>'
            scripts += (
                f'<script id="smb2-security-mode" output={_quote(f"\n  3:1:1: \n    {signing_text}")}>{inner}</script>'
            )
    return f"<hostscript>{scripts}</hostscript>\n" if scripts else ""


def _render_certificate(port: Port) -> str:
    issuer = "www.district.example" if port.alone else "Invented Authority CA 1"
    sides = (
        f'<table key="subject"><elem key="commonName">www.district.example</elem></table><table '
        f'key="issuer"><elem key="commonName">{issuer}</elem></table>'
    )
    days = (
        f'<table key="validity"><elem key="notBefore">2020-01-01T00:00:00</elem><elem '
        f'key="notAfter">{port.until}T12:00:00</elem></table>'
    )
    return f'<script id="ssl-cert" output="Subject: commonName=www.district.example">{sides}{days}</script>'


def _render_ciphers(port: Port) -> str:
    cipher_tables = "".join(
        f'<table><elem key="kex_info">ecdh_x25519</elem><elem key="name">{name}</elem><elem '
        f'key="strength">A</elem></table>'
        for name in port.ciphers
    )
    tables = "".join(
        f'<table key="{version}"><table key="ciphers">{cipher_tables}</table><table '
        f'key="compressors"><elem>NULL</elem></table></table>'
        for version in port.tls or ()
    )
    return f'<script id="ssl-enum-ciphers" output="see below">{tables}<elem key="least strength">A</elem></script>'


def _quote(output: str) -> str:
    return quoteattr(output, {"\n": "&#xa;"})
