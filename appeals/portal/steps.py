"""What an enterprise does with its appeal: each step is one form of the appeal's page, sent by POST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from appeals import filing, handling, surveying
from appeals.enums import Intake, OrderState, Status
from appeals.portal.filing import attach_all
from appeals.portal.forms import OnlyFilesForm, RateForm, ReplyForm, WordsForm
from appeals.portal.page import own, shown
from appeals.portal.story import Story
from enterprises.acting import act
from portal.accounts.models import User
from portal.kernel.errors import DomainError

Work = Callable[[Story, Any, User], object]


@dataclass(frozen=True)
class Step:
    """One thing to be done: when it is offered, with which form, by what, and what is said afterwards."""

    label: Any
    offered: Callable[[Story], bool]
    form: Callable[..., Any]
    work: Work
    done: Any
    kind: str = "plain"
    files: bool = False

    def blank(self, name: str, *args: Any) -> Any:
        """Its form, with ids of its own on the page."""
        return self.form(*args, auto_id=f"{name}-%s")


def _form(form: Callable[..., Any], label: Any) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        return form(*args, label=label, **kwargs)

    return make


def _supplement(story: Story, form: ReplyForm, by: User) -> None:
    with transaction.atomic():
        attach_all(story.appeal, form.given, by=by)
        filing.supplement(story.appeal, form.cleaned_data["text"], by=by)


def _reply(story: Story, form: ReplyForm, by: User) -> None:
    with transaction.atomic():
        attach_all(story.appeal, form.given, by=by)
        handling.reply(_lead(story), form.cleaned_data["text"], by=by)


def _attach(story: Story, form: OnlyFilesForm, by: User) -> None:
    check_may_add(story)
    with transaction.atomic():
        for file in form.given:
            filing.attach(story.appeal, file, by=by)


def check_may_add(story: Story) -> None:
    """Raises DomainError once files are of no use any more."""
    if not _may_add(story):
        raise DomainError(_("诉求已经结束，不能再添加文件；问题还在，请要求重新办理。"), code="over")


def _rate(story: Story, form: RateForm, by: User) -> None:
    given = form.cleaned_data
    surveying.survey(_lead(story), given["satisfaction"], given["solved"], given["comment"], by=by)


def _lead(story: Story) -> Any:
    if story.lead is None:
        raise DomainError(_("诉求状态已变化，请刷新页面。"), code="changed")
    return story.lead


def _may_add(story: Story) -> bool:
    over = (Status.REFUSED, Status.MERGED, Status.WITHDRAWN, Status.CLOSED)
    return story.appeal.status not in over


def _may_withdraw(story: Story) -> bool:
    ended = (Intake.REFUSED, Intake.MERGED, Intake.WITHDRAWN)
    return story.live_lead is not None and story.appeal.intake not in ended


def _may_chase(story: Story) -> bool:
    return _may_withdraw(story) and story.appeal.chased_at is None and story.appeal.status != Status.ASKED


STEPS: Final[dict[str, Step]] = {
    "supplement": Step(
        _("补充情况"),
        lambda story: story.appeal.intake == Intake.ASKED,
        _form(ReplyForm, _("补充内容")),
        _supplement,
        _("已补充，诉求中心会马上受理。"),
        "main",
        files=True,
    ),
    "reply": Step(
        _("回复承办单位"),
        lambda story: story.lead is not None and story.lead.state == OrderState.ASKING,
        _form(ReplyForm, _("回复内容")),
        _reply,
        _("已回复，承办单位会继续办理。"),
        "main",
        files=True,
    ),
    "rate": Step(
        _("评价答复"),
        lambda story: story.lead is not None and story.lead.state == OrderState.ANSWERED,
        RateForm,
        _rate,
        _("谢谢您的评价。"),
        "main",
    ),
    "attach": Step(
        _("添加照片或文件"),
        _may_add,
        OnlyFilesForm,
        _attach,
        _("已添加，承办单位能看到。"),
        files=True,
    ),
    "chase": Step(
        _("催一催"),
        _may_chase,
        forms.Form,
        lambda story, form, by: filing.chase(story.appeal, by=by),
        _("已催办，经办的人收到了提醒。"),
    ),
    "reopen": Step(
        _("要求重新办理"),
        lambda story: story.appeal.status == Status.CLOSED,
        _form(WordsForm, _("为什么要重新办理")),
        lambda story, form, by: surveying.reopen(story.appeal, form.cleaned_data["text"], by=by),
        _("已要求重新办理，诉求中心会重新派单。"),
    ),
    "withdraw": Step(
        _("撤回诉求"),
        _may_withdraw,
        _form(WordsForm, _("撤回原因")),
        lambda story, form, by: filing.withdraw(story.appeal, form.cleaned_data["text"], by=by),
        _("已撤回。"),
        "danger",
    ),
}


def offered(story: Story) -> dict[str, tuple[Step, Any]]:
    """The steps that the appeal may take as it stands, each with its empty form."""
    return {name: (step, step.blank(name)) for name, step in STEPS.items() if step.offered(story)}


@require_POST
def take(request: HttpRequest, enterprise: int, number: str, step: str) -> HttpResponse:
    """Take a step; what is refused is said beside its form (422). Another enterprise's appeal is 404."""
    actor = act(request, enterprise)
    story = Story.of(own(actor, number))
    if step not in STEPS:
        raise Http404
    chosen = STEPS[step]
    form = chosen.blank(step, request.POST, request.FILES)
    if form.is_valid():
        try:
            chosen.work(story, form, actor.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, chosen.done)
            return redirect("enterprise_appeal", enterprise, number)
    story = Story.of(own(actor, number))  # as it is now: perhaps that is why it was refused
    steps = {step: (chosen, form)} | {name: one for name, one in offered(story).items() if name != step}
    return shown(request, actor, story, steps, status=422)
