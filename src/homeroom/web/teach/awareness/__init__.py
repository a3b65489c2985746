"""Pages of awareness: drills, trials, asks, courses, sign-in of staff, and the coach.

To add a page, put a module here with `urlpatterns` below `awareness/` and its `AREA_PAGE` (see
`homeroom.web.shared.navigation`): 1 is Drills, 2 Trials, 3 Asks, 4 Courses, 5 Staff sign-in, 6 Coach. Its templates
extend `awareness/base.html`, which shows the pages that the visitor's role sees.
"""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=6, title=gettext_lazy("Awareness"), name="awareness")
