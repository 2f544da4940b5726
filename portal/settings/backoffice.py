"""The look of the admin: the portal's name, colours, icon. Menu and desk are in `portal.shell.backoffice`."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _


def icon(request: object) -> str:
    """Address of the portal's own icon."""
    return static("img/favicon.svg")


def stylesheet(request: object) -> str:
    """Address of the few styles that the theme leaves out."""
    return static("css/backoffice.css")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("垫小二管理后台"),
    "SITE_HEADER": _("垫小二"),
    "SITE_SUBHEADER": _("管理后台"),
    "SITE_ICON": icon,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": icon}],
    "STYLES": [stylesheet],
    "SHOW_BACK_BUTTON": True,
    "COLORS": {
        "primary": {  # steps around --brand of theme.css
            "50": "#f0f8f8",
            "100": "#e1f0f0",
            "200": "#bfdfe0",
            "300": "#8fc5c9",
            "400": "#4f9fa8",
            "500": "#1f7f8b",
            "600": "#0a5b68",
            "700": "#084852",
            "800": "#073b45",
            "900": "#062f37",
            "950": "#041f25",
        }
    },
    "SIDEBAR": {"show_search": True, "navigation": "portal.shell.backoffice.navigation"},
    "DASHBOARD_CALLBACK": "portal.shell.backoffice.desk",
}
