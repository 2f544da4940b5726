"""The user's own message centre, and how messages reach them elsewhere."""

from django.urls import path

from portal.notifications import account, views

urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("account/notifications/", account.channels, name="notification_channels"),
    path("account/notifications/confirm/<str:token>/", account.confirmation, name="notification_confirm"),
]
