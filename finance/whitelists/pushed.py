"""Lists that a bank has, and whether somebody there may answer for them now."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from finance.acting import BankActor
from finance.desk.steps import WORKING
from finance.models import Whitelist, WhitelistState


def held_at(actor: BankActor, pk: int) -> Whitelist:
    """A list that was pushed to the bank, or `Http404`."""
    found = Whitelist.objects.select_related("department").filter(banks=actor.bank, pushed_at__isnull=False)
    return get_object_or_404(found, pk=pk)


def works(actor: BankActor, held: Whitelist) -> bool:
    """Whether the person may answer for the list now."""
    return held.state == WhitelistState.PUSHED and actor.holds(*WORKING)
