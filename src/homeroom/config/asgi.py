"""The ASGI entry point that granian serves."""

from django.conf import settings

from homeroom.config.bridge.application import Bridge
from homeroom.config.wsgi import application as wsgi_application

from homeroom.config.bridge.body_rules import choose_body_rule, find_agent_rule  # isort: skip  (views need the settings above)

application = Bridge(
    wsgi_application, choose_rule=choose_body_rule, find_rule=find_agent_rule, proxies=settings.PROXIES
)
