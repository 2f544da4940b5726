"""Addresses of the whole site's own pages."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.i18n import set_language

from portal.shell import desks, views
from portal.shell.code import views as code

urlpatterns = [
    path("", views.home, name="home"),
    path("e/<int:enterprise>/", views.enterprise_home, name="enterprise_home"),
    path("e/<int:enterprise>/code/", code.own, name="enterprise_code"),
    path("code/<str:token>/", code.scanned, name="code_scanned"),
    path("desk/", desks.chooser, name="desks"),
    path("desk/<int:department>/", desks.home, name="desk"),
    path("start/", views.start, name="start"),
    path("help/", views.help_page, name="help"),
    path("search/", views.search, name="search"),
    path("healthz", views.healthz, name="healthz"),
    path("theme/", views.theme, name="theme"),
    path("language/", login_not_required(set_language), name="set_language"),
]
