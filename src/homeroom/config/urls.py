"""Every address: the site's own, those for agents, and the pages for what went wrong."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("homeroom.web.urls")),
    path("", include("homeroom.api.osquery")),
]
handler403 = "homeroom.web.errors.forbidden"
handler404 = "homeroom.web.errors.not_found"
handler500 = "homeroom.web.errors.broken"
