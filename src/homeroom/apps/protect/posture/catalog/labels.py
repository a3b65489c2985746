"""Labels of control areas, severities, kinds of subject, and the products that sources come from."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.library.know.connectors import load_connector_labels

AREA_LABELS = {
    "identity": gettext_lazy("Accounts and sign-in"),
    "endpoints": gettext_lazy("Laptops and desktops"),
    "network": gettext_lazy("Network"),
    "chromeos": gettext_lazy("Chromebooks"),
    "assets": gettext_lazy("Assets"),
    "settings": gettext_lazy("Tenant settings"),
    "backups": gettext_lazy("Backups"),
    "mail": gettext_lazy("Mail domains"),
    "agreements": gettext_lazy("Agreements about data"),
    "flows": gettext_lazy("Student data at vendors"),
    "contracts": gettext_lazy("Licenses and contracts"),
    "tools": gettext_lazy("Tools"),
    "apps": gettext_lazy("Third-party apps"),
    "groups": gettext_lazy("Groups"),
    "data": gettext_lazy("Shared data, by unit"),
    "loose": gettext_lazy("Loose student data"),
    "awareness": gettext_lazy("Training and policies"),
    "monitoring": gettext_lazy("Logs and monitoring"),
}
PRODUCT_LABELS = {  # of products that no connector is called by
    "entra": gettext_lazy("Microsoft Entra"),
    "intune": gettext_lazy("Microsoft Intune"),
    "names": gettext_lazy("Mail domains"),
    "scubagoggles": gettext_lazy("ScubaGoggles"),
    "csv": gettext_lazy("CSV file"),
    "pdq": gettext_lazy("PDQ"),
    "any": gettext_lazy("Any product"),
}

SEVERITY_LABELS = {
    "critical": gettext_lazy("Critical"),
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low": gettext_lazy("Low"),
}


def area_word(area: str) -> str:
    """Return the label of a control area."""
    return str(
        AREA_LABELS.get(area) or (area.replace("-", " ").replace("_", " ").capitalize() if area else gettext("Other"))
    )


def product_word(product: str) -> str:
    """Return the label of a product or source: that of its connector's manifest, or its name with a capital."""
    label = PRODUCT_LABELS.get(product) or load_connector_labels().get(product)
    return str(label or product.replace("_", " ").replace("-", " ").capitalize())


def get_severity_label(value: str) -> str:
    """Return the label of a severity."""
    return str(SEVERITY_LABELS.get(value, value))


def get_kind_label(kind: str, count: int) -> str:
    """Return the label for one or many subjects of a kind."""
    return {
        "account": ngettext("account", "accounts", count),
        "device": ngettext("device", "devices", count),
        "person": ngettext("person", "people", count),
        "directory": ngettext("directory", "directories", count),
        "system": ngettext("system", "systems", count),
        "backup": ngettext("backup job", "backup jobs", count),
        "domain": ngettext("mail domain", "mail domains", count),
        "agreement": ngettext("agreement", "agreements", count),
        "contract": ngettext("contract", "contracts", count),
        "app": ngettext("app", "apps", count),
        "group": ngettext("group", "groups", count),
        "unit": ngettext("unit", "units", count),
        "room": ngettext("room", "rooms", count),
        "document": ngettext("document", "documents", count),
        "drivefile": ngettext("file in a drive", "files in a drive", count),
        "task": ngettext("task", "tasks", count),
        "log": ngettext("log", "logs", count),
        "tool": ngettext("tool", "tools", count),
        "need": ngettext("need", "needs", count),
        "renewal": ngettext("renewal", "renewals", count),
        "flow": ngettext("flow", "flows", count),
        "place": ngettext("place", "places", count),
    }.get(kind, kind)
