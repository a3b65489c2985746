"""Sign-in, the account and error pages follow the visitor's language; what a visitor chose goes before the browser."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from homeroom.web.shared.languages.choice import COOKIE
from homeroom.web.shared.languages.middleware import MARK, is_in_visitor_language
from homeroom.web.shared.navigation import list_areas
from tests.cast import Cast

SPANISH = {"accept-language": "es-US, en;q=0.5"}
ClientFactory = Callable[[str], Client]


def open_spanish(client: Client, address: str) -> str:
    """Return a page as a browser gets it whose first language is Spanish."""
    page = client.get(address, headers=SPANISH, follow=True).content.decode()
    assert '<html lang="es">' in page[:60], address
    return page


def test_sign_in_is_in_the_language_of_the_browser(cast: Cast) -> None:
    client = Client()
    assert "<h1>Iniciar sesión</h1>" in open_spanish(client, "/sign-in")
    assert "<h1>Sign in</h1>" in client.get("/sign-in", headers={"accept-language": "de"}).content.decode()
    assert translation.get_language() == "en-us"


def test_a_wrong_password_is_refused_in_spanish(cast: Cast) -> None:
    answer = Client().post("/sign-in", {"username": "technician", "password": "no"}, headers=SPANISH)
    assert answer.status_code == 422
    assert "Nombre de usuario o contraseña incorrectos." in answer.content.decode()


def test_a_choice_goes_before_the_browser_and_leads_back_to_the_page(cast: Cast) -> None:
    client = Client()
    page = client.get("/sign-in?next=/plan").content.decode()
    assert 'name="next" value="/sign-in?next=%2Fplan"' in page
    answer = client.post("/language", {"language": "es", "next": "/sign-in?next=%2Fplan"})
    assert answer["Location"] == "/sign-in?next=%2Fplan"
    page = client.get("/sign-in", headers={"accept-language": "en"}).content.decode()
    assert "Iniciar sesión" in page
    assert 'value="es" lang="es" aria-pressed="true"' in page


def test_the_menu_of_the_office_shows_the_choice_and_what_it_is_for(as_: ClientFactory) -> None:
    client = as_("technician")
    client.cookies[COOKIE] = "es"
    page = client.get("/reports").content.decode()
    assert '<html lang="en' in page[:60]
    assert 'value="es" lang="es" aria-pressed="true"' in page
    assert "Other office pages are in English" in page


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/account/2-step", "Verificación en dos pasos"),
        ("/account/sign-in-again", "Iniciar sesión otra vez"),
        ("/offline", "No tiene conexión"),
        ("/calendar", "Agregar las fechas límite del distrito"),
        ("/no-such-page", "Página no encontrada"),
    ],
)
def test_pages_of_the_account_and_errors_are_in_spanish(as_: ClientFactory, address: str, text: str) -> None:
    assert text in open_spanish(as_("technician"), address)


def test_the_first_run_is_in_spanish(as_: ClientFactory, empty_folder: None) -> None:
    page = open_spanish(as_("director"), "/setup")
    assert "Configuración inicial" in page
    assert "Setup" not in page


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        ("/setup/systems", ("Sistema de información estudiantil", "Omitir por ahora")),
        ("/setup/exports", ("Cada sistema tiene una página corta", "Otros sistemas")),
        ("/setup/exports/google", ("Quién puede hacerlo:", "Cargar", '<fieldset class="export" lang="en">')),
        ("/setup/exports/google/sheet", ("Exportaciones de Google", "Entréguelos en persona", '<section lang="en">')),
        ("/setup/facts", ("¿En qué estado está el distrito?", "Un número entero.", ">escuela chárter</option>")),
        ("/setup/load", ("Primera revisión", "Cuando tenga tiempo")),
    ],
)
def test_systems_and_their_exports_are_in_spanish_and_steps_of_consoles_in_english(
    as_: ClientFactory, empty_folder: None, address: str, texts: tuple[str, ...]
) -> None:
    page = open_spanish(as_("director"), address)
    assert [text for text in texts if text not in page] == []


def test_a_step_that_is_not_right_says_so_in_spanish(as_: ClientFactory, empty_folder: None) -> None:
    answer = as_("director").post("/setup/systems", {}, headers=SPANISH)
    assert "Elija al menos un sistema." in answer.content.decode()


@pytest.mark.django_db(databases="__all__")
def test_a_received_file_is_described_in_spanish(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    staff = SimpleUploadedFile("staff.csv", b"id,name,email\n1,Ada Quimby,ada@example.org\n")
    client.post("/setup/exports/hr", {"files": [staff]}, headers=SPANISH)
    page = open_spanish(client, "/setup/exports/hr")
    assert "Leyendo" in page or "Rechazado" in page


def test_the_digest_is_a_page_of_the_office_and_stays_in_english(as_: ClientFactory, judged_district: Cast) -> None:
    client = as_("director")
    client.cookies[COOKIE] = "es"
    page = client.get("/digest").content.decode()
    assert '<html lang="en' in page[:60]
    assert "Data freshness" in page
    assert "Hoy" not in page.partition("<nav")[2]


def test_a_refusal_says_in_spanish_what_the_role_is(as_: ClientFactory) -> None:
    page = open_spanish(as_("auditor"), "/sign-in-security")
    assert "Su función es Auditor" in page
    assert "Ir a Hoy" in page


def test_an_expired_form_says_so_in_spanish(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"username": "technician"}, headers=SPANISH)
    assert answer.status_code == 403
    assert "Este formulario caducó" in answer.content.decode()


def test_a_weak_password_is_refused_in_spanish_with_the_rules_of_django_and_of_homeroom(cast: Cast) -> None:
    with translation.override("es"):
        with pytest.raises(ValidationError) as refused:
            validate_password("password")
        text = " ".join(refused.value.messages)
    assert "contraseña" in text
    assert "password" not in text


def test_numbers_and_days_are_written_as_in_the_united_states() -> None:
    with translation.override("es"):
        assert number_format(12345.5, force_grouping=True) == "12,345.5"
        assert date_format(date(2026, 11, 29), gettext("M j, Y")) == "29 de nov de 2026"
        assert date_format(date(2026, 11, 29)) == "29 de noviembre de 2026"


def test_only_pages_that_state_it_follow_the_visitor() -> None:
    marked: set[Any] = {area.__name__ for area in list_areas() if is_in_visitor_language(area.__name__)}
    assert "homeroom.web.platform.account.passphrases" in marked
    assert "homeroom.web.platform.account.sign_in_security" not in marked
    assert not {name for name in marked if name.startswith("homeroom.web.protect.posture")}
    assert all(getattr(sys.modules[name], MARK, True) for name in marked)
