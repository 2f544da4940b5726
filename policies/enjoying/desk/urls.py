"""Addresses of enjoy runs at a department's desk."""

from django.urls import path

from policies.enjoying.desk import candidates, exporting, runs

AT = "desk/<int:department>/enjoy/"
ONE = f"{AT}<int:run>/"
urlpatterns = [
    path(AT, runs.listing, name="desk_enjoy"),
    path(f"{AT}start/", runs.begin, name="desk_enjoy_start"),
    path(ONE, runs.page, name="desk_enjoy_run"),
    path(f"{ONE}export/<slug:kind>/", exporting.export, name="desk_enjoy_export"),
    path(f"{ONE}firms/<int:pk>/", candidates.page, name="desk_enjoy_candidate"),
    path(f"{ONE}firms/<int:pk>/<slug:step>/", candidates.take_step, name="desk_enjoy_candidate_step"),
    path(f"{ONE}objections/<int:pk>/", runs.answer, name="desk_enjoy_objection"),
    path(f"{ONE}<slug:step>/", runs.take_step, name="desk_enjoy_step"),
]
