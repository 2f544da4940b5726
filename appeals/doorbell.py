"""Asking a worker for suggestions, by the task's name: web processes never load the classifier."""

from functools import partial
from typing import Final

from celery import current_app
from django.db import transaction

SUGGEST: Final = "appeals.tasks.suggest"


def ring_for_suggestions(appeal_id: int) -> None:
    """Once the transaction is committed; a bell that fails is made good by `tasks.suggest_missing`."""
    transaction.on_commit(partial(_ring, appeal_id), robust=True)


def _ring(appeal_id: int) -> None:
    current_app.send_task(SUGGEST, args=(appeal_id,), retry=False, ignore_result=True)
