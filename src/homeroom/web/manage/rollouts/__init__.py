"""Pages of rollouts: the list, making one in steps, its plan, visits on a phone, and texts for teachers."""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=6, title=gettext_lazy("Rollouts"), name="rollouts")
