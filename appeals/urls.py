"""Addresses of appeals: each room's own, put together."""

from django.urls import include, path

urlpatterns = [
    path("", include("appeals.desk.urls")),
    path("", include("appeals.dossier.urls")),
    path("", include("appeals.mall.urls")),
    path("", include("appeals.portal.urls")),
    path("", include("appeals.provider.urls")),
    path("", include("appeals.sharing.urls")),
    path("", include("appeals.statistics.urls")),
    path("", include("appeals.supervision.urls")),
    path("", include("appeals.talks.urls")),
    path("", include("appeals.teams.urls")),
    path("", include("appeals.visits.urls")),
]
