"""Pages of the posture."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=5, title=gettext_lazy("Posture"), name="posture")
