"""Pages of tools: the portfolio, one tool, the matrix of needs, renewals, requests, effects.

To add a page, put a module here with `urlpatterns` below `tools/` and its `AREA_PAGE` (see
`homeroom.web.shared.navigation`): 1 is Portfolio, 2 Matrix, 3 Renewals, 4 Requests, 5 Effects. Its templates extend
`tools/base.html`, which shows the pages that the visitor's role sees.
"""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=6, title=gettext_lazy("Tools"), name="tools")
