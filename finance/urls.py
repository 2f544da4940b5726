"""Addresses of inclusive finance, put together from its rooms."""

from django.urls import URLPattern, URLResolver

from finance.scoring.urls import urlpatterns as scoring

urlpatterns: list[URLPattern | URLResolver] = [*scoring]
