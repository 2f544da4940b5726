"""Addresses of scores."""

from django.urls import path

from finance.scoring import desk, views

urlpatterns = [
    path("e/<int:enterprise>/finance/score/", views.own_score, name="enterprise_score"),
    path("desk/<int:department>/finance/scoring/", desk.page, name="desk_scoring"),
    path("desk/<int:department>/finance/scoring/run/", desk.begin_run, name="desk_scoring_run"),
]
