"""The decorator of a person's own pages: who signed in, as the published evidence has that person today."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from homeroom.apps.platform.people_sign_in.queries import MyPerson, find_person
from homeroom.apps.platform.second_factors.provider_links import find_linked_address
from homeroom.domain.platform.district import District
from homeroom.web.platform.people_sign_in.sign_in import find_sign_in_district
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.languages.choice import get_language


class MyRequest(DistrictRequest):
    """A request to a page of a person, once `my_view` has let it in. `language` is en or es."""

    person: MyPerson
    language: str


def my_view(
    *, methods: tuple[str, ...] = ("GET",)
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a view as a page of the person who signed in, in the person's language.

    The view gets `district=`, `person=` and `role=` if its signature names them, besides the arguments of its address.
    Whom the evidence does not have any more gets 404, as does a member of the office whose address is nobody's here.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        names = {"district", "person", "role"} & set(signature(view).parameters)

        def page(request: HttpRequest, *, district: District, role: str, **url_arguments: Any) -> HttpResponseBase:
            person = find_person(district=district, email=get_own_address(request, district=district))
            if person is None:
                raise Http404
            own = cast("MyRequest", request)
            own.person, own.language = person, get_language(request)
            context = {"district": district, "person": person, "role": role}
            with translation.override(own.language):
                return view(request, **{name: context[name] for name in names}, **url_arguments)

        page.__name__, page.__doc__, page.__module__ = view.__name__, view.__doc__, view.__module__
        open_page = district_view(permission="own.use", methods=methods)(page)

        @wraps(open_page)
        def check_and_open(request: HttpRequest, **url_arguments: Any) -> HttpResponseBase:
            if not request.user.is_authenticated and _is_open(request):
                return redirect_to_login(request.get_full_path(), reverse("my-sign-in"))
            return open_page(request, **url_arguments)

        check_and_open.of_person = True  # type: ignore[attr-defined]
        return check_and_open

    return decorate


def _is_open(request: HttpRequest) -> bool:
    """Check that people sign in to the district of an address, or the only one, in another way than the office."""
    return find_sign_in_district(getattr(request, "prefix", "")) is not None


def get_own_address(request: HttpRequest, *, district: District) -> str:
    """Return the address of the user who signed in: that of the account, or what the district's provider proved.

    A user name that looks like an address proves nothing: a director may have chosen it.
    """
    user: Any = request.user
    return user.email or find_linked_address(district=district, user=user)
