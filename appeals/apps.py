"""App registry entry."""

from typing import ClassVar

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AppealsConfig(AppConfig):
    name = "appeals"
    label = "appeals"
    verbose_name = _("诉求")
    role_permissions: ClassVar[dict[str, list[str]]] = {
        "dispatcher": ["view_*"],
        "supervisor": ["view_*"],
        "mediator": ["view_*"],
    }
