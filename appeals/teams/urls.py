"""Addresses of the desk's hall and teams."""

from django.urls import path

from appeals.teams import hall, views

urlpatterns = [
    path("desk/<int:department>/hall/", hall.page, name="desk_hall"),
    path("desk/<int:department>/hall/live/", hall.live, name="desk_hall_live"),
    path("desk/<int:department>/hall/close/", hall.close, name="desk_hall_close"),
    path("desk/<int:department>/teams/", views.listing, name="desk_teams"),
    path("desk/<int:department>/teams/<int:pk>/", views.provider, name="desk_team"),
    path("desk/<int:department>/teams/orders/<int:pk>/rate/", views.rate_order, name="desk_rate_order"),
]
