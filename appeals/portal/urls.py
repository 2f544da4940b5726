"""Addresses of an enterprise's appeals."""

from django.urls import path

from appeals.portal import filing, steps, views

urlpatterns = [
    path("e/<int:enterprise>/appeals/", views.listing, name="enterprise_appeals"),
    path("e/<int:enterprise>/appeals/new/", filing.new, name="enterprise_appeal_new"),
    path("e/<int:enterprise>/appeals/new/advice/", filing.advice, name="enterprise_appeal_advice"),
    path("e/<int:enterprise>/appeals/<slug:number>/", views.appeal, name="enterprise_appeal"),
    path(
        "e/<int:enterprise>/appeals/<slug:number>/files/<int:pk>/", views.file, name="enterprise_appeal_file"
    ),
    path("e/<int:enterprise>/appeals/<slug:number>/<slug:step>/", steps.take, name="enterprise_appeal_step"),
]
