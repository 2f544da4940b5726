"""Address of the finance office's first page."""

from django.urls import path

from finance.cockpit import pages

urlpatterns = [path("desk/<int:department>/finance/", pages.page, name="desk_finance")]
