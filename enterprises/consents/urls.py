"""Addresses of an enterprise's consents."""

from django.urls import path

from enterprises.consents import views

urlpatterns = [
    path("e/<int:enterprise>/consents/", views.consents, name="enterprise_consents"),
    path("e/<int:enterprise>/consents/<slug:number>/", views.consent, name="enterprise_consent"),
    path("e/<int:enterprise>/consents/<slug:number>/letter/", views.letter, name="enterprise_consent_letter"),
]
