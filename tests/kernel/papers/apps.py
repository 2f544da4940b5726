"""App registry entry."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "tests.kernel.papers"
    label = "papers"
    default_auto_field = "django.db.models.BigAutoField"
