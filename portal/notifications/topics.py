"""What messages are about. Every app names its own kinds in its AppConfig; the county says how they go out.

    class AppealsConfig(AppConfig):
        message_topics = {"order": _("工单")}
        guarded_topics = {"order"}

A message's `kind` is the key. Kinds that nobody named count as `OTHER`. Of guarded ones only what the sender
names leaves the portal.
"""

from typing import Any, Final

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OTHER: Final = "other"


def declared() -> dict[str, str | Promise]:
    """Every kind that an app names, with its label, in the order of the apps."""
    found: dict[str, str | Promise] = {}
    for config in apps.get_app_configs():
        found |= getattr(config, "message_topics", {})
    return found | {OTHER: _("其他")}


def guarded() -> set[str]:
    """Kinds of which nothing leaves the portal but what the sender allowed (`"outside"` in the payload)."""
    return {kind for config in apps.get_app_configs() for kind in getattr(config, "guarded_topics", ())}


def label(kind: str) -> str:
    """The kind in words."""
    known = declared()
    return str(known.get(kind, known[OTHER]))


def seed_topics(sender: AppConfig, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Receiver of `post_migrate`: a row for every kind that has none. What the county decided stays."""
    from portal.notifications.models import Topic

    rows = [
        Topic(key=key, label=str(text), position=place)
        for place, (key, text) in enumerate(declared().items())
    ]
    Topic.objects.using(using).bulk_create(rows, ignore_conflicts=True)
