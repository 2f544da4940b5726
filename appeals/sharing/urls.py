"""Addresses of shared problems."""

from django.urls import path

from appeals.sharing import views

urlpatterns = [
    path("desk/<int:department>/shared/", views.page, name="desk_shared"),
    path("desk/<int:department>/shared/new/", views.create, name="desk_share"),
    path("desk/<int:department>/shared/<int:pk>/", views.problem, name="desk_problem"),
    path("desk/<int:department>/shared/<int:pk>/add/", views.add, name="desk_problem_add"),
]
