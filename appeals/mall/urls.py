"""Addresses of the mall: public ones, and those of an enterprise."""

from django.urls import path

from appeals.mall import views

urlpatterns = [
    path("services/", views.service_list, name="services"),
    path("services/<int:pk>/", views.service, name="service"),
    path("e/<int:enterprise>/services/<int:pk>/pick/", views.pick, name="enterprise_pick"),
    path(
        "e/<int:enterprise>/services/providers/<int:pk>/pick/",
        views.pick_from,
        name="enterprise_pick_provider",
    ),
    path("e/<int:enterprise>/services/orders/<int:pk>/rate/", views.rate_order, name="enterprise_rate_order"),
]
