"""Pages of the reports."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=9, title=gettext_lazy("Reports"), name="reports")
