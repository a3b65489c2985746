"""Pages of the budget: refresh plans and what a change of an amount does, breakage by model, aging by school.

To add a page, put a module here with `urlpatterns` below `budget/` and its `AREA_PAGE`: 1 is Refresh, 2 Breakage, 3
Aging. Its templates extend `budget/base.html`.
"""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=7, title=gettext_lazy("Budget"), name="budget")
