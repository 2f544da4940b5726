"""Addresses of an enterprise's money."""

from django.urls import path

from policies.money.pages import views

urlpatterns = [
    path("e/<int:enterprise>/money/", views.money, name="enterprise_money"),
    path("e/<int:enterprise>/money/account/", views.account, name="enterprise_account"),
    path("e/<int:enterprise>/money/account/<int:pk>/", views.again, name="enterprise_account_again"),
]
