"""Addresses of statistics."""

from django.urls import path

from appeals.statistics import views

urlpatterns = [
    path("desk/<int:department>/statistics/", views.page, name="desk_statistics"),
    path("desk/<int:department>/statistics/export/<slug:kind>/", views.export, name="desk_statistics_export"),
]
