"""The pages of visits at a desk, as tabs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from appeals.visits.acting import plans
from portal.accounts.desks import Desk


def tabs(desk: Desk, current: str) -> list[dict[str, Any]]:
    """My own; for those who plan also the list, the figures and what was found."""
    pages = [("mine", _("我的走访"), "desk_visits")]
    if plans(desk):
        pages += [
            ("all", _("走访清单"), "desk_visits_all"),
            ("pairings", _("结对与排期"), "desk_pairings"),
            ("coverage", _("覆盖与跟进"), "desk_visits_coverage"),
            ("problems", _("发现的问题"), "desk_visits_problems"),
        ]
    return [
        {
            "url": reverse(name, args=[desk.department.pk]),
            "label": label,
            "count": None,
            "current": key == current,
        }
        for key, label, name in pages
    ]
