"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    label = "enterprises"
    verbose_name = _("企业")

    def ready(self) -> None:
        from enterprises.seeding import seed_reference

        post_migrate.connect(seed_reference, sender=self)
