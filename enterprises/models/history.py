"""History of editable models by database triggers: admin, bulk and raw writes are all seen."""

from typing import TypeVar

import pghistory
import pgtrigger
from django.db import models

Tracked = TypeVar("Tracked", bound=type[models.Model])


def tracked(model: Tracked) -> Tracked:
    """Keep each inserted, changed and deleted row in ``<Model>History``, one statement at a time."""
    name = f"{model.__name__}History"
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    frozen = {"append_only": True}
    return pghistory.track(*trackers, model_name=name, attrs=frozen, level=pgtrigger.Statement)(model)
