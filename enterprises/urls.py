"""Addresses of the enterprise's own pages."""

from django.urls import include, path

from enterprises import key_page, views

urlpatterns = [
    path("e/", views.switcher, name="enterprises"),
    path("claim/", views.claim, name="claim"),
    path("join/<str:token>/", views.join, name="join"),
    path("e/<int:enterprise>/facts/", views.facts, name="enterprise_facts"),
    path("e/<int:enterprise>/facts/<slug:key>/", views.fact, name="enterprise_fact"),
    path("e/<int:enterprise>/members/", views.members, name="enterprise_members"),
    path("e/<int:enterprise>/keys/", key_page.keys, name="enterprise_keys"),
    path("", include("enterprises.consents.urls")),
    path("e/<int:enterprise>/messages/", views.enterprise_messages, name="enterprise_messages"),
]
