"""allauth's own provider of OpenID Connect, in a process of its own: the real component that journeys sign in by.

`python -m tests.services.allauth_provider FOLDER PORT REDIRECT` makes its database in the folder, with one client and the
people of PEOPLE, and serves until it is ended.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from tests.sample_server import ROOT, find_free_port, wait_until

CLIENT_ID, CLIENT_SECRET, PASSWORD = "homeroom-client", "homeroom-client-secret", "four slow herons at dusk"
DOMAIN = "maple.test"
PEOPLE = {"ines": "ines.calloway@maple.test", "mina": "mina.ferro@maple.test"}


@contextmanager
def serve_allauth_provider(folder: Path, *, redirect: str) -> Iterator[str]:
    """Serve the provider and yield its address, which is its issuer."""
    port = find_free_port()
    command = [sys.executable, "-m", "tests.services.allauth_provider", str(folder), str(port), redirect]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ready = folder / "ready"
    try:
        wait_until(ready.exists)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def configure(folder: Path) -> None:
    """Configure a Django of the provider alone."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="only-of-this-test",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.services.allauth_provider_urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "allauth.account.middleware.AccountMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_COOKIE_NAME="provider-session",  # cookies know no port, and both sites are on this machine
        CSRF_COOKIE_NAME="provider-csrf",
        ACCOUNT_LOGIN_METHODS={"username"},
        ACCOUNT_EMAIL_VERIFICATION="none",
        IDP_OIDC_PRIVATE_KEY=key.decode(),
        IDP_OIDC_ADAPTER="tests.services.allauth_provider_adapter.WorkspaceAdapter",
        USE_TZ=True,
    )


def create_people(redirect: str) -> None:
    """Create the people and the client, as the administrator of a provider does."""
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User

    for name, address in PEOPLE.items():
        user = User.objects.create_user(name, address, PASSWORD)
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    client = Client(id=CLIENT_ID, name="Homeroom", skip_consent=True)
    client.set_secret(CLIENT_SECRET)
    client.set_redirect_uris([redirect])
    client.set_scopes(["openid", "email"])
    client.save()


class ProviderRequestHandler(WSGIRequestHandler):
    """A handler that logs nothing."""

    def log_message(self, *_arguments: Any) -> None:
        """Log nothing."""


def serve(folder: Path, port: int, redirect: str) -> None:
    """Serve the provider until the process ends."""
    import django

    configure(folder)
    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    create_people(redirect)
    with make_server("127.0.0.1", port, get_wsgi_application(), handler_class=ProviderRequestHandler) as server:
        (folder / "ready").touch()
        server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
