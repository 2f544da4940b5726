"""History of editable models by database triggers: admin, bulk and raw writes are all seen."""

from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Tracked = TypeVar("Tracked", bound=type[models.Model])


def tracked(model: Tracked) -> Tracked:
    """Keep each inserted, changed and deleted row in ``<Model>History``, one statement at a time."""
    name = f"{model.__name__}History"
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    title = format_lazy(_("{model}变更"), model=model._meta.verbose_name)
    return pghistory.track(
        *trackers,
        model_name=name,
        attrs={"append_only": True},
        meta={"verbose_name": title, "verbose_name_plural": title},
        level=pgtrigger.Statement,
    )(model)
