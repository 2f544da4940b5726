"""Deadlines that waited for a year's holidays to be announced: of every kind of clock that is registered."""

from collections import Counter
from datetime import timedelta
from typing import Final

from celery import current_app
from django.apps import apps
from django.db.models import Count, F
from django.db.models.functions import ExtractYear

from portal.kernel.clocks import Clock, ClockQuerySet
from portal.kernel.workdays import Calendar

RECKON: Final = "portal.kernel.tasks.reckon_announced_clocks"


def reckon_announced() -> int:
    """Reckon them, and say how many did wait. Harmless when none does, and safe to run twice at once."""
    calendar = Calendar.load()
    return sum(clocks.reckon_announced(calendar) for clocks in _clocks())


def left_to_reckon() -> Counter[int]:
    """How many still wait to be reckoned, by the year they end in; a query for each kind of clock."""
    calendar, left = Calendar.load(), Counter[int]()
    year = ExtractYear(
        F("due_at") - timedelta(microseconds=1)
    )  # ends of a day are the first moment of the next
    for clocks in _clocks():
        rows = clocks.awaiting_reckoning(calendar).order_by().values_list(year).annotate(Count("pk"))
        left.update(dict(rows))
    return left


def _clocks() -> list[ClockQuerySet]:
    return [ClockQuerySet(model) for model in apps.get_models() if issubclass(model, Clock)]


def ring() -> None:
    """Wake the task by its name; a lost ring is made good by the beat within the hour."""
    current_app.send_task(RECKON, retry=False, ignore_result=True)
