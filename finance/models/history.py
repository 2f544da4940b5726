"""History of editable rows by database triggers: admin, bulk and raw writes are all seen."""

from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Tracked = TypeVar("Tracked", bound=type[models.Model])


def tracked(model: Tracked) -> Tracked:
    """Keep each inserted, changed and deleted row in ``<Model>History``, one statement at a time.

    Rows are reached by ``row.history``: ``events`` are the transitions.
    """
    title = format_lazy(_("{model}变更"), model=model._meta.verbose_name)
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        model_name=f"{model.__name__}History",
        obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="history"),
        attrs={"append_only": True},
        meta={"verbose_name": title, "verbose_name_plural": title},
        level=pgtrigger.Statement,
    )(model)
