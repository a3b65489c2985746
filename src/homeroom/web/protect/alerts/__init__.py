"""Pages of alerts: the queue, one alert, incidents, coverage, rules and readiness."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=3, title=gettext_lazy("Alerts"), name="alerts")
