"""Labels of control areas and of the products that sources come from."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

from homeroom.library.connectors import load_connector_labels

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
    "contracts": gettext_lazy("Licences and contracts"),
    "apps": gettext_lazy("Third-party apps"),
    "groups": gettext_lazy("Groups"),
    "data": gettext_lazy("Shared data, by unit"),
    "awareness": gettext_lazy("Training and policies"),
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


def area_word(area: str) -> str:
    """Return the label of a control area."""
    return str(
        AREA_LABELS.get(area) or (area.replace("-", " ").replace("_", " ").capitalize() if area else gettext("Other"))
    )


def product_word(product: str) -> str:
    """Return the label of a product or source: that of its connector's manifest, or its name with a capital."""
    label = PRODUCT_LABELS.get(product) or load_connector_labels().get(product)
    return str(label or product.replace("_", " ").replace("-", " ").capitalize())
