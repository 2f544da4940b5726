"""Addresses of the review desk."""

from django.urls import path

from policies.reviewing.desk import bulk, exporting, queue, report, views

AT = "desk/<int:department>/applications/"
urlpatterns = [
    path(AT, queue.page, name="desk_applications"),
    path(f"{AT}bulk/", bulk.page, name="desk_applications_bulk"),
    path(f"{AT}figures/", report.page, name="desk_application_figures"),
    path(f"{AT}figures/<slug:kind>/", report.export, name="desk_application_figures_export"),
    path(f"{AT}export/<slug:kind>/", exporting.export, name="desk_applications_export"),
    path(f"{AT}files/<int:pk>/", views.file, name="desk_application_file"),
    path(f"{AT}<str:number>/", views.page, name="desk_application"),
    path(f"{AT}<str:number>/<slug:step>/", views.take_step, name="desk_application_step"),
]
