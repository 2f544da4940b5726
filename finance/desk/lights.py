"""The clock that colours a row: the first one that hurries the bank, or what is waited for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import pgettext_lazy

from finance.lending.plans import to_check
from finance.models import LoanApplication, LoanClock, LoanTarget
from finance.models.loan_clock import INSTALMENT, MATURE, WAITED_FOR

NAMES: Final = {
    "受理": pgettext_lazy("clock", "受理"),
    "等待银行受理": pgettext_lazy("clock", "等待银行受理"),
    "抢单": pgettext_lazy("clock", "抢单"),
    "开始尽职调查": pgettext_lazy("clock", "开始尽职调查"),
    "审批": pgettext_lazy("clock", "审批"),
    "签约": pgettext_lazy("clock", "签约"),
    "放款": pgettext_lazy("clock", "放款"),
    "还款": pgettext_lazy("clock", "还款"),
    "每期还款": pgettext_lazy("clock", "每期还款"),
    "逾期处置": pgettext_lazy("clock", "逾期处置"),
}
"""Shipped names of clocks in the reader's language; those that the county wrote stand as written."""


@dataclass(frozen=True, slots=True)
class Light:
    """A running clock in words and colour; what is only waited for is never late.

    `paused`: it stands still until the enterprise consents anew.
    """

    label: str
    due_at: dt.datetime
    state: str
    provisional: bool
    waited_for: bool
    paused: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An application of a list; `check`: the plan and what was told of payments do not go together."""

    loan: LoanApplication
    light: Light | None
    check: bool


def rows_of(loans: Iterable[LoanApplication], now: dt.datetime) -> list[Row]:
    """Each with its first clock and whether an instalment is to be checked: six queries for any number."""
    listed = list(loans)
    lights = lights_of([loan.pk for loan in listed], now)
    checked = to_check(listed, timezone.localdate(now))
    return [Row(loan, next(iter(lights.get(loan.pk, [])), None), loan.pk in checked) for loan in listed]


def lights_of(loans: list[int], now: dt.datetime) -> dict[int, list[Light]]:
    """Running clocks by loan, what hurries first; of instalments the plan itself says the day."""
    labels = dict(LoanTarget.objects.values_list("key", "label"))
    running: Any = (
        LoanClock.objects.filter(loan__in=loans, met_at=None)
        .exclude(target=INSTALMENT)
        .order_by("due_at", "pk")
    )
    found: dict[int, list[tuple[bool, Light]]] = {}
    for clock in running:
        waited = clock.target in WAITED_FOR
        state = "done" if waited and clock.target != MATURE else clock.light(now).colour
        label = labels.get(clock.target, clock.target)
        light = Light(
            label=str(NAMES.get(label, label)),
            due_at=clock.due_at,
            state=state,
            provisional=clock.provisional,
            waited_for=waited,
            paused=clock.paused_at is not None,
        )
        found.setdefault(clock.loan_id, []).append((waited, light))
    return {
        loan: [light for _waited, light in sorted(pairs, key=lambda pair: pair[0])]
        for loan, pairs in found.items()
    }
