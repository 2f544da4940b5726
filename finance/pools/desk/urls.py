"""Addresses of the desk of pools."""

from django.urls import path

from finance.pools.desk import claims, views

AT = "desk/<int:department>/finance/pools/"
urlpatterns = [
    path(AT, views.pools, name="desk_pools"),
    path(f"{AT}books/", views.books, name="desk_pool_books"),
    path(f"{AT}claims/<int:pk>/", claims.page, name="desk_pool_claim"),
    path(f"{AT}claims/<int:pk>/files/<int:number>/", claims.file, name="desk_pool_claim_file"),
    path(f"{AT}claims/<int:pk>/receipt/", claims.receipt, name="desk_pool_claim_receipt"),
    path(f"{AT}claims/<int:pk>/<slug:step>/", claims.take_step, name="desk_pool_claim_step"),
    path(f"{AT}<str:code>/", views.one, name="desk_pool"),
    path(f"{AT}<str:code>/ledger/", views.ledger, name="desk_pool_ledger"),
    path(f"{AT}<str:code>/ledger/<slug:kind>/", views.export, name="desk_pool_export"),
    path(f"{AT}<str:code>/do/<slug:step>/", views.take_step, name="desk_pool_step"),
]
