"""The user's own message centre."""

from django.urls import path

from portal.notifications import views

urlpatterns = [path("messages/", views.messages, name="messages")]
