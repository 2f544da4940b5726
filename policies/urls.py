"""Addresses of policies: public ones, and those of an enterprise."""

from django.urls import include, path

from policies import mine, views

urlpatterns = [
    path("", include("policies.notices.urls")),
    path("", include("policies.enjoying.pages.urls")),
    path("", include("policies.enjoying.desk.urls")),
    path("", include("policies.applying.pages.urls")),
    path("", include("policies.reviewing.desk.urls")),
    path("", include("policies.money.pages.urls")),
    path("", include("policies.money.desk.urls")),
    path("policies/", views.item_list, name="policies"),
    path("policies/<str:code>/", views.item, name="policy"),
    path("e/<int:enterprise>/policies/", mine.my_policies, name="enterprise_policies"),
    path("e/<int:enterprise>/policies/<str:code>/", mine.my_policy, name="enterprise_policy"),
    path("e/<int:enterprise>/policies/<str:code>/facts/<slug:key>/", mine.supply, name="enterprise_supply"),
    path("documents/<int:pk>/", views.document, name="document"),
]
