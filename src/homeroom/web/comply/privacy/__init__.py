"""Pages of privacy: duties of laws, vendors, requests of families, loose student data.

To add a page, put a module here with `urlpatterns` below `privacy/` and its `AREA_PAGE` (see
`homeroom.web.shared.navigation`): 1 is Duties, 2 Vendors, 3 Requests, 4 Loose data. Its templates extend
`privacy/base.html`, which shows the pages that the visitor's role sees. What they need is in the table
of permissions: `privacy.read` and `privacy.change`, or `duties.change` where technicians do that work too.
"""

from django.utils.translation import gettext_lazy

from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=7, title=gettext_lazy("Privacy"), name="privacy")
