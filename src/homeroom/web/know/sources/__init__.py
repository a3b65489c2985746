"""Pages of sources, uploads, consoles and agents."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=8, title=gettext_lazy("Sources"), name="sources")
