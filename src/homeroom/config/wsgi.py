"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
application = get_wsgi_application()

from homeroom.web.shared.warm_up import warm  # noqa: E402  (views and templates need the settings above)

warm()
