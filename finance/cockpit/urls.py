"""Addresses of the finance office's first page, and of the loans that its figures are made of."""

from django.urls import path

from finance.cockpit import loans, pages

urlpatterns = [
    path("desk/<int:department>/finance/", pages.page, name="desk_finance"),
    path("desk/<int:department>/finance/loans/", loans.page, name="desk_loans"),
    path("desk/<int:department>/finance/loans/<slug:kind>/", loans.export, name="desk_loans_export"),
]
