"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
application = get_wsgi_application()

from homeroom.apps.platform.telemetry.start import start_telemetry  # noqa: E402  (both need the settings above)
from homeroom.web.shared.warm_up import warm  # noqa: E402

warm()
start_telemetry()
