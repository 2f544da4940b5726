"""Addresses of dossiers."""

from django.urls import path

from appeals.dossier import views

urlpatterns = [
    path("desk/<int:department>/appeals/<slug:number>/dossier/", views.dossier, name="desk_dossier"),
]
