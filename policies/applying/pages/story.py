"""An application as its enterprise reads it: where it stands, until when, what was sent and said.

Only what is public: opinions of departments, proposals and notes stay at the desk until there is a decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from policies.applying.letter import contest_words
from policies.enums import ApplicationState as S
from policies.enums import Benefit
from policies.models import (
    Amendment,
    Application,
    ApplicationEvent,
    ApplicationRating,
    Evidence,
    PublicNotice,
)
from portal.kernel.clocks import Clock
from portal.kernel.transitions import Machine

STEPS: Final = (_("提交"), _("受理"), _("审核"), _("审定"), _("公示"), _("结果"))
NOTICE: Final = 4
_AT: Final[Mapping[str, int]] = {
    S.DRAFT: 0,
    S.SUBMITTED: 1,
    S.REVIEWING: 2,
    S.JOINT: 2,
    S.PROPOSED: 3,
    S.NOTICED: NOTICE,
    S.APPROVED: len(STEPS),
    S.REFUSED: len(STEPS),
}
"""The step that a state is at."""
_DONE_BY: Final = (("submit",), ("accept",), (), (), (), ("approve", "refuse"))
"""Public events that end each step."""
WORDS: Final[Mapping[str, Any]] = {
    S.DRAFT: _("还没有提交。"),
    S.SUBMITTED: _("已提交，正在等主管部门受理。现在不用您做什么。"),
    S.RETURNED: _("主管部门请您补正，一次说全了：逐项改好后再提交，之前审核时限暂停。"),
    S.REVIEWING: _("已受理，主管部门正在审核。现在不用您做什么，有变化会发消息告诉您。"),
    S.JOINT: _("主管部门正在请有关部门一起核对。现在不用您做什么。"),
    S.PROPOSED: _("审核完成，正在等负责人审定。现在不用您做什么。"),
    S.NOTICED: _("拟同意，正在公示。公示期满、没有未处理的异议，就会审定。"),
    S.APPROVED: _("已通过。下一步由主管部门办理兑现，请留意消息。"),
    S.REFUSED: _("这次没有获得支持，依据、理由和您可以怎么办，写在下面。"),
    S.WITHDRAWN: _("您已撤回这件申报。在申报期内可以重新申报。"),
}
CLOCKS: Final[Mapping[str, Any]] = {
    "accept": _("受理"),
    "amend": _("请您补正"),
    "review": _("审核完"),
    "decide": _("审定"),
    "notice": _("公示期满"),
    "confirm": _("审定"),
}
"""What is to be done until a clock's end; those of opinions are the departments' own."""
_NAMES: Final[Mapping[str, Any]] = {
    "submit": _("您提交了申报"),
    "resubmit": _("您补正后再次提交"),
    "accept": _("主管部门受理"),
    "return": _("主管部门请您补正"),
    "notice": _("拟同意，开始公示"),
    "notice_over": _("公示期满，等待审定"),
    "approve": _("审定通过"),
    "refuse": _("审定不予支持"),
    "withdraw": _("您撤回了申报"),
}
"""In the enterprise's words; other events are named as their transitions are."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the bar: `mark` is ok, now, late (refused) or empty; `at` when it was done."""

    label: str
    mark: str
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history."""

    at: dt.datetime
    label: str
    comment: str


@dataclass(frozen=True)
class Story:
    """An application with what happened to it in public, oldest first."""

    application: Application
    events: list[ApplicationEvent]

    @classmethod
    def of(cls, application: Application) -> Story:
        """Read with its public history; one query."""
        return cls(application, list(application.events.filter(public=True)))

    @property
    def steps(self) -> list[Step]:
        """The bar; empty for what was taken back. A notice is a step where money is given."""
        state = self.application.state
        at = _AT.get(state, 2 if self._moment(("accept",)) else 1)
        if state == S.WITHDRAWN:
            return []
        last = {S.APPROVED: _("通过"), S.REFUSED: _("不予支持")}.get(S(state), STEPS[-1])
        found = []
        for place, label in enumerate((*STEPS[:-1], last)):
            if place == NOTICE and not self._has_notice:
                continue
            mark = "ok" if place < at else "now" if place == at else ""
            words = _("补正") if mark == "now" and state == S.RETURNED else label
            done = self._moment(_DONE_BY[place]) if mark == "ok" else None
            refused = state == S.REFUSED and place == len(STEPS) - 1
            found.append(Step(str(words), "late" if refused else mark, done))
        return found

    @property
    def words(self) -> str:
        """How it stands and what is wanted, in a sentence or two."""
        return str(WORDS[self.application.state])

    @cached_property
    def clocks(self) -> list[tuple[Clock, str]]:
        """Deadlines not met yet, the first one first, each with what is to be done until then; one query.

        Of a returned one those that stand still meanwhile come last.
        """
        running = self.application.clocks.filter(met_at=None, opinion=None, target__in=CLOCKS)
        if self.application.state in (S.PROPOSED, S.NOTICED):  # its review is done, and may only come back
            running = running.exclude(target="review")
        rows = sorted(running, key=lambda clock: (clock.paused_at is not None, clock.due_at, clock.pk))
        return [(clock, str(CLOCKS[clock.target])) for clock in rows]

    @property
    def happenings(self) -> list[Happening]:
        """What happened in public, the newest first."""
        return [Happening(event.at, _name(event), event.comment) for event in reversed(self.events)]

    @cached_property
    def evidence(self) -> list[Evidence]:
        """What was sent, each time it was, the newest first; one query."""
        return list(self.application.evidence.select_related("by").order_by("-number"))

    @cached_property
    def amendments(self) -> list[Amendment]:
        """Lists of what was to be amended, with the replies; two queries."""
        return list(self.application.amendments.prefetch_related("points"))

    @cached_property
    def rating(self) -> ApplicationRating | None:
        """What the enterprise said of how it was served; one query."""
        return ApplicationRating.objects.filter(application=self.application).first()

    @cached_property
    def notice(self) -> PublicNotice | None:
        """The notice that runs; one query while there can be one."""
        if self.application.state != S.NOTICED:
            return None
        return self.application.public_notices.filter(ended_at=None).first()

    @property
    def may_withdraw(self) -> bool:
        """Whether the enterprise may take it back."""
        machine: Machine = Application.machine
        return self.application.state in machine["withdraw"].sources

    @property
    def appeal_query(self) -> str:
        """How an appeal against a refusal begins, as a query: nobody is to look for the number again."""
        application = self.application
        known = {
            "number": application.number,
            "title": application.version.title,
            "year": application.period,
            "department": application.version.item.department.name,
            "clause": application.clause,
        }
        words = {
            "title": _("申报 %(number)s 没有获得支持，请协调核实") % known,
            "text": _(
                "申报编号：%(number)s\n事项：%(title)s（%(year)d 年度）\n主管部门：%(department)s\n"
                "不予支持的依据：%(clause)s\n\n我们认为："
            )
            % known,
        }
        return urlencode(words)

    @property
    def _has_notice(self) -> bool:
        if self.application.state == S.REFUSED:
            return False
        return self.application.version.benefit == Benefit.MONEY or self._moment(("notice",)) is not None

    def _moment(self, names: tuple[str, ...]) -> dt.datetime | None:
        return next((event.at for event in reversed(self.events) if event.name in names), None)


def story_page(
    request: HttpRequest,
    application: Application,
    more: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of an application that was sent."""
    context = {
        "enterprise": application.enterprise,
        "application": application,
        "version": application.version,
        "story": Story.of(application),
        "contest": contest_words(),
        "stars": [(5, _("很满意")), (4, _("满意")), (3, _("一般")), (2, _("不满意")), (1, _("很不满意"))],
    }
    return render(request, "applying/application.html", {**context, **(more or {})}, status=status)


def _name(event: ApplicationEvent) -> str:
    name = "resubmit" if event.name == "submit" and event.source == S.RETURNED else event.name
    if name in _NAMES:
        return str(_NAMES[name])
    machine: Machine = Application.machine
    return str(machine[name].label) if name in machine else name
