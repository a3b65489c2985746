"""Every address: the site's own, those for agents, and the error pages."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("homeroom.web.urls")),
    path("", include("homeroom.api.osquery")),
]
handler400 = "homeroom.web.shared.errors.render_bad_request"
handler403 = "homeroom.web.shared.errors.render_forbidden"
handler404 = "homeroom.web.shared.errors.render_not_found"
handler500 = "homeroom.web.shared.errors.render_server_error"
