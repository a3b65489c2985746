"""Device types and platforms, recognized from the words of consoles and asset lists."""

from __future__ import annotations

import polars as pl

_PLATFORMS: tuple[tuple[str, str], ...] = (
    ("chromeos", r"(?i)chrome\s?os|chromebook|chromebox"),
    ("windows", r"(?i)^windows|\bwindows\b"),
    ("macos", r"(?i)mac\s?os|\bos x\b|macbook|\bimac\b|mac mini"),
    ("ios", r"(?i)\bios\b|ipados|\bipad|\biphone"),
    ("android", r"(?i)android"),
    ("linux", r"(?i)linux|ubuntu"),
)
_KINDS: tuple[tuple[str, str], ...] = (
    (
        "other",
        r"(?i)\b(projectors?|dock|docking|charger|charging|camera|document camera|hotspot|headset|keyboard|cart|"
        r"apple tv|print servers?|(kvm|hdmi|usb) switch(es)?|nintendo switch)\b",
    ),
    ("tablet", r"(?i)\b(acer|aspire) switch\b|\bswitch (alpha|\d+ ?[ev]\b)"),
    ("printer", r"(?i)\b(printers?|copiers?|laserjet|officejet)\b"),
    (
        "access_point",
        r"(?i)\b(access points?|waps?|wireless aps?|aironet)\b|^aps?[- ]?\d|\bmeraki mr ?\d|\bunifi (u6|u7|ac|ap)\b",
    ),
    ("firewall", r"(?i)\b(firewalls?|fortigate)\b|\bmeraki mx ?\d"),
    ("switch", r"(?i)\bswitch(es)?\b|\bmeraki ms ?\d|\bcatalyst (2960|3560|3650|3750|3850|9200|9300)"),
    ("ups", r"(?i)\b(ups|uninterruptible)\b"),
    ("server", r"(?i)\b(servers?|poweredge|proliant)\b"),
    ("chromebook", r"(?i)chromebook"),
    (
        "desktop",
        r"(?i)chromebox|chromebase|\b(desktops?|optiplex|prodesk|elitedesk|thinkcentre|imac|mac ?mini|mac studio|"
        r"all[- ]in[- ]one|aio|workstation|precision tower|veriton|nuc|tower)\b",
    ),
    ("tablet", r"(?i)\bipads?\b|\btablets?\b|surface (go|pro)|galaxy tab"),
    ("phone", r"(?i)\biphones?\b|\bphones?\b|smartphone|\bpixel \d"),
    (
        "laptop",
        r"(?i)\b(laptops?|notebooks?|macbooks?|latitude|probook|elitebook|thinkpad|travelmate|surface laptop|"
        r"surface book|inspiron|vostro|xps|zbook|ideapad|yoga|lifebook|toughbook|swift|aspire|portege|tecra)\b"
        r"|macbook",
    ),
    ("display", r"(?i)\b(displays?|monitors?|televisions?|tvs?|smartboards?|interactive|flat panels?)\b"),
)
"""The first that matches wins.

A charging cart for Chromebooks is no Chromebook, a Surface Pro is a tablet, an Acer Switch is no switch of a network.
A computer with a Retina display is no display; a monitor whose model names no computer is.
"""
_SUPPORT = r"(?i)\b(esu|ltsc|ltsb|extended security)\b"


def detect_platform(column: pl.Expr) -> pl.Expr:
    """Return chromeos, windows, macos, ios, android or linux; null if the words name none of them."""
    return pl.coalesce(pl.when(column.str.contains(pattern)).then(pl.lit(name)) for name, pattern in _PLATFORMS)


def classify_device(column: pl.Expr, *, platform: pl.Expr) -> pl.Expr:
    """Return the kind of a device, of `domain.devices.kinds`, by words of its category, type and model.

    Null if they are not conclusive.
    """
    recognized = pl.coalesce(pl.when(column.str.contains(pattern)).then(pl.lit(name)) for name, pattern in _KINDS)
    return recognized.fill_null(pl.when(platform == "chromeos").then(pl.lit("chromebook")))


def extract_support_note(column: pl.Expr) -> pl.Expr:
    """Return the text if it records paid or extended support (ESU, LTSC); else null."""
    return pl.when(column.str.contains(_SUPPORT)).then(column)
