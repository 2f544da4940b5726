"""History of editable rows by database triggers: admin, bulk and raw writes are all seen."""

from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

Tracked = TypeVar("Tracked", bound=type[models.Model])


def tracked(model: Tracked) -> Tracked:
    """Keep each inserted, changed and deleted row in ``<Model>History``, one statement at a time.

    Rows are reached by ``row.history``: ``events`` are the transitions.
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        model_name=f"{model.__name__}History",
        obj_field=pghistory.ObjForeignKey(related_name="history", related_query_name="history"),
        attrs={"append_only": True},
        level=pgtrigger.Statement,
    )(model)
