"""Addresses of the ranking of banks."""

from django.urls import path

from finance.rankings import pages, weighing

AT = "desk/<int:department>/finance/ranking/"
urlpatterns = [
    path(AT, pages.months, name="desk_ranking"),
    path(f"{AT}<int:snapshot>/<int:bank>/", pages.line, name="desk_ranking_line"),
    path(f"{AT}weights/", weighing.page, name="desk_ranking_weights"),
    path(f"{AT}weights/<slug:step>/", weighing.take_step, name="desk_ranking_step"),
]
