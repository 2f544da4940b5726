"""The address map: each app's own urls, put together."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("portal.shell.urls")),
    path("", include("portal.notifications.urls")),
    path("", include("enterprises.urls")),
    path("", include("policies.urls")),
    path("", include("appeals.urls")),
    path("", include("finance.urls")),
    path("api/", include("appeals.api_urls")),
    path("api/", include("policies.api_urls")),
    path("api/", include("finance.api_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api_schema"),
]
