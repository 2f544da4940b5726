"""Runs that begin by themselves, and what sweeps after them. Two beats at once do no harm."""

from __future__ import annotations

import datetime as dt
import logging

from django.utils import timezone

from policies.enjoying.offering import close_due, offer_ready
from policies.enjoying.runs import ring_stuck, start
from policies.models import EnjoyPlan, EnjoyRun
from portal.kernel.errors import DomainError

_log = logging.getLogger(__name__)


def start_due(now: dt.datetime) -> int:
    """Begin the run of every plan whose turn has come; how many.

    A turn is begun once and for all (UNIQUE of item and slot). One that comes while an earlier list is still
    being dealt with waits for its end.
    """
    day, begun = timezone.localdate(now), 0
    for plan in EnjoyPlan.objects.exclude(every="").select_related("item__department").order_by("pk"):
        slot = plan.slot_on(day)
        if not slot or EnjoyRun.objects.filter(item=plan.item_id, slot=slot).exists():
            continue
        try:
            start(plan.item, by=None, at=now, slot=slot)
        except DomainError as error:
            _log.info("item %s is not run for %s: %s", plan.item_id, slot, error.message)
        except Exception:  # one plan that fails holds up no other
            _log.exception("item %s is not run for %s", plan.item_id, slot)
        else:
            begun += 1
    return begun


def sweep(now: dt.datetime) -> int:
    """Ring for runs that lie, offer lists whose notice is over, close those that are done; how many."""
    return ring_stuck(now) + offer_ready(now) + close_due(now)
