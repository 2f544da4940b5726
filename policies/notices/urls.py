"""Addresses of public notices."""

from django.urls import path

from policies.notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notices"),
    path("notices/<int:pk>/objection/", views.objection_page, name="objection"),
    path("notices/<int:pk>/", views.notice_page, name="notice"),
]
