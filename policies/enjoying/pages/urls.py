"""Addresses of an enterprise's offers, and of public notices of lists."""

from django.urls import path

from policies.enjoying.pages import offers, public

_ONE = "e/<int:enterprise>/enjoy/<int:pk>/"

urlpatterns = [
    path("notices/enjoy/<int:pk>/", public.page, name="enjoy_notice"),
    path("notices/enjoy/<int:pk>/objection/", public.objection_page, name="enjoy_objection"),
    path("e/<int:enterprise>/enjoy/", offers.listing, name="enterprise_enjoy_list"),
    path(_ONE, offers.page, name="enterprise_enjoy"),
    path(f"{_ONE}accept/", offers.accept, name="enterprise_enjoy_accept"),
    path(f"{_ONE}apply/", offers.apply, name="enterprise_enjoy_apply"),
    path(f"{_ONE}<slug:step>/", offers.say, name="enterprise_enjoy_say"),
]
