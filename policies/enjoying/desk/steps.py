"""What may be done with a list: each step is a small form of its page, sent by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.enjoying import accepting, confirming, noticing, offering, runs
from policies.enjoying.confirming import Seen
from policies.models import EnjoyCandidate, EnjoyPlan, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState, Place, RunState
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError

S = RunState
C = CandidateState
REVIEWER: Final = (Role.REVIEWER,)
EITHER: Final = (Role.REVIEWER, Role.LEADER)
LONGEST: Final = 1000


class WordsForm(forms.Form):
    """Words that go with a step; of a step without any, nothing is shown."""

    text = forms.CharField(max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    count = forms.IntegerField(required=False, widget=forms.HiddenInput)
    total_fen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, asks: Any = "", required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].required = asks, required
        if not asks:
            del self.fields["text"]

    @property
    def words(self) -> str:
        """What was written."""
        return str(self.cleaned_data.get("text", ""))

    @property
    def seen(self) -> Seen | None:
        """The list that the page showed, when it showed one."""
        count, total = self.cleaned_data.get("count"), self.cleaned_data.get("total_fen")
        return None if count is None or total is None else Seen(count, total)


@dataclass(frozen=True)
class Step:
    """One thing to be done: by which roles, in which states, asking for what, by what."""

    label: Any
    roles: tuple[str, ...]
    states: tuple[str, ...]
    work: Callable[[Any, Desk, WordsForm], object]
    done: Any
    kind: str = "plain"
    asks: Any = ""
    required: bool = False
    when: Callable[[Any, Desk], bool] = lambda row, desk: True
    sends: Any = ""
    """What the button says that sends its words, where that is not the label."""

    def fits(self, row: EnjoyRun | EnjoyCandidate, desk: Desk) -> bool:
        """Whether it can be taken as things stand, by this user."""
        return row.state in self.states and desk.holds(*self.roles) and self.when(row, desk)

    def form(self, name: str, *data: Any, **kwargs: Any) -> WordsForm:
        """Its form, with ids of its own on the page."""
        return WordsForm(*data, asks=self.asks, required=self.required, auto_id=f"{name}-%s", **kwargs)


def _now() -> dict[str, Any]:
    return {"at": timezone.now()}


def _shown(run: EnjoyRun) -> bool:
    return EnjoyPlan.of(run.version).notice_days > 0


def _over(run: EnjoyRun, desk: Desk) -> bool:
    if run.state == S.CONFIRMED:
        return not _shown(run)
    return run.notice.closes_at <= timezone.now()


RUN_STEPS: Final[dict[str, Step]] = {
    "propose": Step(
        _("把关完成，送审定"),
        REVIEWER,
        (S.LISTED,),
        lambda run, desk, form: confirming.propose(
            run, by=desk.user, comment=form.words, seen=form.seen, **_now()
        ),
        _("已送审定，请另一位同事审定。"),
        "main",
        _("意见（可不填）"),
    ),
    "confirm": Step(
        _("审定名单"),
        EITHER,
        (S.PROPOSED,),
        lambda run, desk, form: confirming.confirm(
            run, by=desk.user, comment=form.words, seen=form.seen, **_now()
        ),
        _("名单已审定。"),
        "main",
        _("意见（可不填）"),
        when=lambda run, desk: desk.user.pk not in confirming.hands_in(run),
    ),
    "notice": Step(
        _("公示名单"),
        EITHER,
        (S.CONFIRMED,),
        lambda run, desk, form: noticing.post_notice(run, by=desk.user, **_now()),
        _("已公示；期满且没有未处理的异议，会自动通知企业。"),
        "main",
        when=lambda run, desk: _shown(run),
    ),
    "offer": Step(
        _("通知企业确认"),
        EITHER,
        (S.CONFIRMED, S.NOTICED),
        lambda run, desk, form: offering.offer(run, by=desk.user, **_now()),
        _("已通知名单上的企业。"),
        "main",
        when=_over,
    ),
    "close": Step(
        _("办结"),
        EITHER,
        (S.OFFERED,),
        lambda run, desk, form: offering.close(run, by=desk.user, **_now()),
        _("名单已办结。"),
        when=lambda run, desk: not run.takes_answers(timezone.now()),
    ),
    "retry": Step(
        _("重新筛选"),
        EITHER,
        (S.SELECTING,),
        lambda run, desk, form: runs.retry(run, by=desk.user),
        _("正在重新筛选。"),
        "main",
        when=lambda run, desk: bool(run.error),
    ),
    "rework": Step(
        _("退回把关"),
        EITHER,
        (S.PROPOSED,),
        lambda run, desk, form: confirming.rework(run, form.words, by=desk.user, **_now()),
        _("已退回，请重新把关。"),
        asks=_("为什么退回"),
        required=True,
    ),
    "cancel": Step(
        _("取消这份名单"),
        EITHER,
        tuple(one for one in S if one not in (S.CLOSED, S.CANCELLED)),
        lambda run, desk, form: confirming.cancel(run, form.words, by=desk.user, **_now()),
        _("名单已取消。"),
        "danger",
        _("为什么取消（已通知的企业会看到）"),
        required=True,
    ),
}

CANDIDATE_STEPS: Final[dict[str, Step]] = {
    "settle": Step(
        _("答复异议"),
        REVIEWER,
        (C.OBJECTED,),
        lambda row, desk, form: accepting.settle(row, form.words, by=desk.user, **_now()),
        _("已答复，企业可以继续确认。"),
        "main",
        _("答复（企业会看到）"),
        required=True,
    ),
    "exclude": Step(
        _("排除这家企业"),
        REVIEWER,
        (C.LISTED, C.OFFERED, C.OBJECTED),
        lambda row, desk, form: confirming.exclude(row, form.words, by=desk.user, **_now()),
        _("已排除。"),
        "danger",
        _("为什么排除（企业会看到）"),
        required=True,
        when=lambda row, desk: row.place == Place.IN and row.run.state in confirming.EXCLUDING,
        sends=_("移出名单"),
    ),
    "restore": Step(
        _("恢复到名单"),
        REVIEWER,
        (C.EXCLUDED,),
        lambda row, desk, form: confirming.restore(row, form.words, by=desk.user, **_now()),
        _("已恢复。"),
        asks=_("为什么恢复"),
        required=True,
        when=lambda row, desk: row.run.state in confirming.CHECKING,
    ),
}


def forms_for(
    steps: dict[str, Step],
    row: EnjoyRun | EnjoyCandidate,
    desk: Desk,
    failed: tuple[str, WordsForm] | None = None,
    **initial: Any,
) -> list[tuple[str, Step, WordsForm]]:
    """The steps that may be taken now, each with its empty form; the one that failed with its words."""
    return [
        (name, step, failed[1] if failed and failed[0] == name else step.form(name, initial=initial))
        for name, step in steps.items()
        if step.fits(row, desk) or failed and failed[0] == name
    ]


def take(step: Step, row: EnjoyRun | EnjoyCandidate, desk: Desk, form: WordsForm) -> bool:
    """Take it; False when the form or the service says why not, beside the form."""
    if not form.is_valid():
        return False
    try:
        step.work(row, desk, form)
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    return True
