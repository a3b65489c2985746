"""Pages of the inventory."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=4, title=gettext_lazy("Inventory"), name="inventory")
