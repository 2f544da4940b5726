"""Lines of the queue: each with its light and amount; and pages that stay where they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.enums import Outcome
from policies.models import Application, ApplicationClock, Evidence
from policies.reviewers import own_firm
from policies.reviewing.desk.baskets import Basket
from portal.accounts.desks import Desk
from portal.kernel.clocks import Light
from portal.kernel.durations import roughly
from portal.kernel.money import format_money, money_range

PAGE_SIZE: Final = 20
SHOWN: Final = (
    "number",
    "state",
    "period",
    "submitted_at",
    "outcome",
    "amount_fen",
    "clause",
    "reason",
    "decided_at",
    "item",
    "enterprise__name",
    "enterprise__uscc",
    "version__title",
    "version__item__department",
    "reviewer__name",
)
"""What a line, or one of the exported file, says; a row of everything takes twice as long to read."""
SPANS: Final = {
    "accept": gettext_lazy("受理"),
    "amend": gettext_lazy("企业补正"),
    "review": gettext_lazy("审核"),
    "opinion": gettext_lazy("联审意见"),
    "decide": gettext_lazy("审定"),
    "notice": gettext_lazy("公示"),
    "confirm": gettext_lazy("公示后审定"),
}
"""Deadlines as a line names them."""


@dataclass(frozen=True)
class Row:
    """An application in a list, with the deadline that is shown of it and what its last sending came to.

    `reads_inner`: the desk's department decides, and the user is no member of the firm; others are not shown
    what is proposed.
    """

    application: Application
    clock: ApplicationClock | None
    amounts: tuple[int | None, int | None]
    now: dt.datetime
    reads_inner: bool

    @cached_property
    def light(self) -> Light | None:
        """Of its deadline; None where none runs."""
        return None if self.clock is None else self.clock.light(self.now)

    @property
    def state(self) -> str:
        """Colours the deadline. A notice that is over is not late: something can be done at last."""
        if self.clock is None or self.light is None:
            return "plain"
        over = self.clock.target == "notice" and self.light is Light.RED
        return "due" if over else self.light.colour

    @property
    def counts_down(self) -> bool:
        """Whether its deadline runs and has not passed: lists say it in working days, as its page does."""
        return self.light not in (None, Light.PAUSED, Light.RED)

    @property
    def name(self) -> str:
        """What the deadline is of; empty without one."""
        return "" if self.clock is None else str(SPANS.get(self.clock.target, self.clock.target))

    @property
    def due_at(self) -> dt.datetime | None:
        """When its deadline passes; None without one, and while it stands still, for then it moves."""
        return None if self.clock is None or self.light is Light.PAUSED else self.clock.due_at

    @cached_property
    def words(self) -> str:
        """The deadline in words; empty without one."""
        if self.clock is None:
            return ""
        name = self.name
        if self.light is Light.PAUSED:
            return _("%(name)s暂停计时") % {"name": name}
        if self.clock.target == "notice" and self.light is Light.RED:
            return _("公示期满")
        left = roughly(abs(self.clock.due_at - self.now))
        words = _("%(name)s超 %(left)s") if self.light is Light.RED else _("%(name)s还剩 %(left)s")
        return words % {"name": name, "left": left}

    @cached_property
    def amount(self) -> str:
        """What was proposed or decided, else what was judged when it was sent; empty without money.

        A refusal, be it only proposed, has none.
        """
        if self.reads_inner and self.application.outcome == Outcome.REFUSE:
            return ""
        if self.reads_inner and self.application.amount_fen is not None:
            return format_money(self.application.amount_fen)
        low, high = self.amounts
        return "" if low is None and high is None else judged_words(low, high)

    @cached_property
    def badge(self) -> tuple[str, str]:
        """Its state in words, and the colour."""
        return self.application.get_state_display(), self.application.colour


def judged_words(low: int | None, high: int | None) -> str:
    """What was judged, in words: from nothing to no bound is no figure, but the department's to say."""
    return money_range(low, high) if low or high is not None else _("由主管部门核定")


@dataclass(frozen=True)
class Slice:
    """A page of a list; `after` is where the next one begins, empty on the last."""

    rows: list[Row]
    after: str


def listed(found: Any, basket: Basket, desk: Desk, after: str) -> Slice:
    """The page behind the line `after`, by key and not by number: what leaves the list moves nothing.

    Three queries for any number of applications: which they are is found out in narrow rows, by an index. A
    key that is none begins at the top.
    """
    keys = list(basket.behind(found, after).values_list("pk", "due")[: PAGE_SIZE + 1])
    shown = keys[:PAGE_SIZE]
    rows = rows_of([pk for pk, _due in shown], desk)
    return Slice(rows, basket.key_of(*shown[-1]) if len(keys) > PAGE_SIZE else "")


def rows_of(keys: Sequence[int], desk: Desk) -> list[Row]:
    """The applications as lines, in the order of their keys: two queries."""
    narrow = Application.objects.select_related("enterprise", "version__item", "reviewer").only(*SHOWN)
    applications: Any = with_judged(narrow).annotate(own=own_firm(desk.user)).in_bulk(keys)
    shown = [applications[key] for key in keys if key in applications]
    clocks, now = first_clocks(shown, desk), timezone.now()
    return [
        Row(
            one,
            clocks.get(one.pk),
            (one.judged_low, one.judged_high),
            now,
            reads_inner=is_led_at(desk, one) and not one.own,
        )
        for one in shown
    ]


def is_led_at(desk: Desk, application: Application) -> bool:
    """Whether the desk's department decides; else it was asked for its opinion."""
    return application.version.item.department_id == desk.department.pk


def first_clocks(applications: Iterable[Application], desk: Desk) -> dict[int, ApplicationClock]:
    """The deadline that each line shows: what runs before what stands still, then the first; one query.

    An application that another department leads shows how long this one has for its opinion.
    """
    led = [one.pk for one in applications if is_led_at(desk, one)]
    others = [one.pk for one in applications if not is_led_at(desk, one)]
    ours = Q(application__in=led) | Q(application__in=others, opinion__department=desk.department)
    waiting: Any = ApplicationClock.objects.filter(ours, met_at=None)
    first: dict[int, ApplicationClock] = {}
    for clock in waiting.order_by(F("paused_at").desc(nulls_first=True), "due_at", "pk"):
        first.setdefault(clock.application_id, clock)
    return first


def with_judged(rows: Any) -> Any:
    """Each with the interval in fen that it was judged at when it was last sent."""
    last = Evidence.objects.filter(application=OuterRef("pk")).order_by("-number")
    low, high = (Subquery(last.values(end)[:1]) for end in ("amount_low", "amount_high"))
    return rows.annotate(judged_low=low, judged_high=high)
