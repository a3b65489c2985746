"""Addresses of allauth's provider in a journey: its own, and its pages for signing in."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.idp.urls")), path("accounts/", include("allauth.urls"))]
