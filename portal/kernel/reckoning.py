"""Deadlines that waited for a year's holidays to be announced: of every kind of clock that is registered."""

from typing import Final

from celery import current_app
from django.apps import apps

from portal.kernel.clocks import Clock, ClockQuerySet
from portal.kernel.workdays import Calendar

RECKON: Final = "portal.kernel.tasks.reckon_announced_clocks"


def reckon_announced() -> int:
    """Reckon them, and say how many did wait. Harmless when none does, and safe to run twice at once."""
    calendar = Calendar.load()
    models = [model for model in apps.get_models() if issubclass(model, Clock)]
    return sum(ClockQuerySet(model).reckon_announced(calendar) for model in models)


def ring() -> None:
    """Wake the task by its name; a lost ring is made good by the beat within the hour."""
    current_app.send_task(RECKON, retry=False, ignore_result=True)
