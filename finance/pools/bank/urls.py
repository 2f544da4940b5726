"""Addresses of a bank's pools."""

from django.urls import path

from finance.pools.bank import views

AT = "bank/<int:bank>/pool/"
urlpatterns = [
    path(AT, views.pool, name="bank_pool"),
    path(f"{AT}loans/<int:pk>/claim/", views.claim, name="bank_pool_claiming"),
    path(f"{AT}claims/<int:pk>/", views.filed, name="bank_pool_claim"),
    path(f"{AT}claims/<int:pk>/files/<int:number>/", views.file, name="bank_pool_claim_file"),
    path(f"{AT}claims/<int:pk>/receipt/", views.receipt, name="bank_pool_claim_receipt"),
]
