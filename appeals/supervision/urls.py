"""Addresses of supervision."""

from django.urls import path

from appeals.supervision import views

urlpatterns = [
    path("desk/<int:department>/supervision/", views.overview, name="desk_supervision"),
    path("desk/<int:department>/supervision/<slug:measure>/", views.listing, name="desk_supervision_list"),
]
