"""Addresses of a provider's pages."""

from django.urls import path

from appeals.provider import hall, orders, steps

urlpatterns = [
    path("p/", orders.switcher, name="providers"),
    path("p/<int:provider>/hall/", hall.page, name="provider_hall"),
    path("p/<int:provider>/hall/live/", hall.live, name="provider_hall_live"),
    path("p/<int:provider>/hall/grab/", hall.take, name="provider_grab"),
    path("p/<int:provider>/orders/", orders.listing, name="provider_orders"),
    path("p/<int:provider>/orders/<int:pk>/", steps.order, name="provider_order"),
    path("p/<int:provider>/orders/<int:pk>/<slug:step>/", steps.take_step, name="provider_step"),
]
