"""Addresses of products: public ones, and those of an enterprise."""

from django.urls import path

from finance.products import mine, views

urlpatterns = [
    path("finance/", views.product_list, name="finance"),
    path("finance/products/<str:code>/", views.product, name="product"),
    path("finance/compare/", views.comparison, name="finance_compare"),
    path("finance/banks/", views.banks, name="finance_banks"),
    path("e/<int:enterprise>/finance/", mine.my_products, name="enterprise_finance"),
    path("e/<int:enterprise>/finance/compare/", mine.my_comparison, name="enterprise_compare"),
    path("e/<int:enterprise>/finance/products/<str:code>/", mine.my_product, name="enterprise_product"),
]
