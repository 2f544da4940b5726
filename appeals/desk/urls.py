"""Addresses of the desk."""

from django.urls import path

from appeals.desk import inbox, orders, phone, roster, views

urlpatterns = [
    path("desk/<int:department>/inbox/", inbox.page, name="desk_inbox"),
    path("desk/<int:department>/inbox/<int:pk>/", inbox.part, name="desk_detail"),
    path("desk/<int:department>/files/<int:pk>/", views.attachment, name="desk_attachment"),
    path("desk/<int:department>/orders/", orders.listing, name="desk_orders"),
    path("desk/<int:department>/orders/<int:pk>/", views.order, name="desk_order"),
    path("desk/<int:department>/orders/<int:pk>/slip/", views.slip, name="desk_slip"),
    path("desk/<int:department>/orders/<int:pk>/undo/", views.undo, name="desk_undo"),
    path("desk/<int:department>/orders/<int:pk>/<slug:step>/", views.take_step, name="desk_step"),
    path("desk/<int:department>/phone/", phone.page, name="desk_phone"),
    path("desk/<int:department>/phone/firms/", phone.firms, name="desk_firms"),
    path("desk/<int:department>/roster/", roster.page, name="desk_roster"),
    path("desk/<int:department>/roster/shift/", roster.put_on_duty, name="desk_roster_shift"),
    path("desk/<int:department>/roster/absence/", roster.add_absence, name="desk_roster_absence"),
    path(
        "desk/<int:department>/roster/<slug:kind>/<int:pk>/remove/", roster.remove, name="desk_roster_remove"
    ),
]
