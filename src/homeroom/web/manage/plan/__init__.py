"""Pages of the weekly plan."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=2, title=gettext_lazy("Plan"), name="plan")
