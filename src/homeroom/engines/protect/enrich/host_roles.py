"""What a computer does, by its system or, where no inventory has it, by what it is called."""

from __future__ import annotations

import re

DOMAIN_CONTROLLER, SERVER, WORKSTATION = "domain_controller", "server", "workstation"
SERVER_ROLES = (DOMAIN_CONTROLLER, SERVER)
_CONTROLLER_WORDS = frozenset({"dc", "ad", "pdc", "bdc", "rodc"})
_CONTROLLER_UNIT = "domain controllers"
_SERVER_WORDS = frozenset(
    {
        *("srv", "svr", "serv", "server", "fs", "file", "files", "fileserver", "nas", "print", "printserver", "sql"),
        *("db", "app", "web", "exch", "exchange", "mail", "hv", "hyperv", "veeam", "backup", "wsus", "sccm", "mecm"),
        *("mdt", "wds", "pdq", "nps", "radius", "rds", "adfs", "aadc", "adsync", "sis"),
    }
)
_SERVER_ENDS = ("srv", "svr", "server", "sql")
_CLIENT_WORDS = frozenset(
    {
        *(
            "pc",
            "ws",
            "lt",
            "laptop",
            "desktop",
            "nb",
            "tablet",
            "lab",
            "room",
            "rm",
            "cart",
            "kiosk",
            "student",
            "stu",
        ),
        *("teacher", "tch", "staff", "office", "ofc", "library", "lib", "win", "test"),
    }
)


def find_system_role(short: str, system: str, *, unit: str = "") -> str:
    """Return what a computer does, by its system; empty if that is not known.

    A server is a domain controller if it is called like one, or is in the unit that Active Directory puts them in.
    """
    if "server" not in system.casefold():
        return WORKSTATION if system.strip() else ""
    is_controller = _is_called_controller(_list_words(short)) or _CONTROLLER_UNIT in unit.casefold()
    return DOMAIN_CONTROLLER if is_controller else SERVER


def guess_role(short: str) -> str:
    """Return what a computer that no inventory has is called like: server or domain controller; empty if neither."""
    words = _list_words(short)
    if _CLIENT_WORDS.intersection(words):
        return ""
    if _is_called_controller(words):
        return DOMAIN_CONTROLLER
    is_server = any(word in _SERVER_WORDS or word.endswith(_SERVER_ENDS) for word in words)
    return SERVER if is_server else ""


def _list_words(short: str) -> list[str]:
    return [word for word in re.split(r"[-_0-9]+", short.casefold()) if word]


def _is_called_controller(words: list[str]) -> bool:
    return any(word in _CONTROLLER_WORDS or word.endswith("dc") for word in words)
