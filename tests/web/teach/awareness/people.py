"""Clients of the people whom controls ask."""

from __future__ import annotations

from django.test import Client

from homeroom.apps.platform.districts.models import User
from tests.asked_district import AskedDistrict, build_address
from tests.cast import create_user


def sign_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client


def create_person(place: AskedDistrict, key: str) -> Client:
    """Create the user of a person and sign in."""
    user = create_user(district=place.district, username=key, role="person", first_name="", last_name="")
    User.objects.filter(pk=user.pk).update(email=build_address(key))
    return sign_in(key)
