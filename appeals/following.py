"""Appeals of one shared problem: what is done on the lead appeal's order is done for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from appeals.models import WorkOrder
    from portal.accounts.models import User


def bring_along(order: WorkOrder, *, by: User | None, at: dt.datetime) -> None:
    """Take the lead orders of the appeals that follow this one's to where it stands."""
