"""Addresses of inclusive finance, put together from its rooms."""

from django.urls import include, path

from finance.entrance import entrance

urlpatterns = [
    path("bank/", entrance, name="bank"),
    path("", include("finance.cockpit.urls")),
    path("", include("finance.products.urls")),
    path("", include("finance.scoring.urls")),
    path("", include("finance.portal.urls")),
    path("", include("finance.desk.urls")),
    path("", include("finance.pools.desk.urls")),
    path("", include("finance.pools.bank.urls")),
    path("", include("finance.whitelists.urls")),
    path("", include("finance.rankings.urls")),
]
