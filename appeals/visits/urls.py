"""Addresses of visits."""

from django.urls import path

from appeals.visits import firm, keeping, views

urlpatterns = [
    path("desk/<int:department>/visits/", views.mine, name="desk_visits"),
    path("desk/<int:department>/visits/all/", keeping.listing, name="desk_visits_all"),
    path("desk/<int:department>/visits/coverage/", keeping.figures, name="desk_visits_coverage"),
    path("desk/<int:department>/visits/problems/", keeping.problems, name="desk_visits_problems"),
    path("desk/<int:department>/visits/pairings/", keeping.pairings, name="desk_pairings"),
    path("desk/<int:department>/visits/plan/", keeping.plan, name="desk_visits_plan"),
    path("desk/<int:department>/visits/plan/<int:pairing>/", views.plan, name="desk_visit_plan"),
    path("desk/<int:department>/visits/photos/<int:pk>/", views.photo, name="desk_visit_photo"),
    path("desk/<int:department>/visits/<int:pk>/", views.visit, name="desk_visit"),
    path("desk/<int:department>/visits/<int:pk>/move/", views.move, name="desk_visit_move"),
    path("desk/<int:department>/visits/<int:pk>/off/", views.call_off, name="desk_visit_off"),
    path("e/<int:enterprise>/visits/", firm.listing, name="enterprise_visits"),
    path("e/<int:enterprise>/visits/photos/<int:pk>/", firm.photo, name="enterprise_visit_photo"),
    path("e/<int:enterprise>/visits/<int:pk>/", firm.visit, name="enterprise_visit"),
    path("e/<int:enterprise>/visits/<int:pk>/confirm/", firm.confirm, name="enterprise_visit_confirm"),
    path("e/<int:enterprise>/visits/<int:pk>/dispute/", firm.dispute, name="enterprise_visit_dispute"),
]
