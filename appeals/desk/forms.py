"""What is written at the desk about an order; each form knows the order and the places it may go to."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from appeals.desk.places import Places, TargetField
from appeals.dispatching import LONGEST_WINDOW, Target
from appeals.enums import LIVE, Complexity, OrderKind, Satisfaction
from appeals.higher import first_handling, leaders_above, proposed, reason
from appeals.models import Appeal, Category, Suggestion, WorkOrder
from appeals.provider import forms as common

TEXT: Final = 1000


def area(rows: int = 3) -> forms.Textarea:
    """A box for words."""
    return forms.Textarea(attrs={"rows": rows})


class OrderForm(forms.Form):
    """A step on an order without words: pressing is enough."""

    def __init__(self, *args: Any, order: WorkOrder, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order, self.places = order, places
        self.prepare()

    def prepare(self) -> None:
        """Fill in the choices that the order leaves."""


class WordsForm(OrderForm):
    """A reason, a question or advice, under a label of its own: see `words`."""

    text = forms.CharField(max_length=TEXT, widget=area())


def words(label: Any, help_text: Any = "") -> type[WordsForm]:
    """A form that asks for words under this label."""

    class Labelled(WordsForm):
        def prepare(self) -> None:
            self.fields["text"].label, self.fields["text"].help_text = label, help_text

    return Labelled


class LeaderField(forms.ModelChoiceField):
    """An officer, named with department and rank."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.department.short_name} · {obj} · {obj.get_rank_display()}"


class DispatchForm(OrderForm):
    """One of the suggestions, or another place; one of both."""

    suggestion = forms.ModelChoiceField(Suggestion.objects.none(), required=False, widget=forms.HiddenInput)
    note = forms.CharField(label=_("说明（只给承办单位看）"), max_length=200, required=False)
    field_order = ("suggestion", "leader", "target", "co", "note")
    why = ""
    """Why a second handling's leader is proposed."""

    def prepare(self) -> None:
        shown = self.order.appeal.suggestions.select_related("department", "section", "leader")
        self.fields["suggestion"].queryset = shown  # type: ignore[attr-defined]
        choices = self.places.targets(without=[self.order.appeal.about_id])
        self.fields["target"] = TargetField(self.places, choices, label=_("派给其他单位"), required=False)
        if self.order.kind == OrderKind.LEAD:
            self.fields["co"] = TargetField(self.places, choices, label=_("加协办"), required=False)
        if (before := first_handling(self.order)) is not None:
            self._lead_higher(before)
        self.order_fields(self.field_order)

    def _lead_higher(self, before: WorkOrder) -> None:
        """Who may lead the second handling, the one proposed from the start."""
        able = leaders_above(before, self.places.day).select_related("department")
        best = proposed(before, self.places.day)
        self.before, self.why = before, reason(before, best)
        self.fields["leader"] = LeaderField(
            able.order_by("department__code", "rank", "pk"),
            label=_("二次办理的领导"),
            required=False,
            initial=best and best.pk,
            empty_label=_("请选择"),
        )

    def clean(self) -> dict[str, Any]:
        """What is chosen by hand counts before the suggestion that is ticked from the start.

        Of a leader and a place of another department the place counts; its own higher leader gets it.
        """
        given = super().clean() or {}
        leader, target = given.get("leader"), given.get("target")
        if leader and not target:
            section = self.before.section if leader.department_id == self.before.department_id else None
            given["target"] = Target(leader.department, section, leader)
        elif leader and target and target.department.pk == leader.department_id:
            given["target"] = Target(target.department, target.section, leader)
        if not self.errors and not given.get("target") and not given.get("suggestion"):
            self.add_error("target", _("请选择派给哪个单位。"))
        return given


class TargetForm(OrderForm):
    """Another place; `text` says why when the step asks for it."""

    label: Any = _("单位")
    colleagues = False

    def prepare(self) -> None:
        mine = None if self.colleagues else self.order.department_id
        without = [mine, self.order.appeal.about_id]
        choices = self.places.targets(without=without, colleagues=self.colleagues)
        self.fields["target"] = TargetField(self.places, choices, label=self.label)


class CoForm(TargetForm):
    """Who helps."""

    label = _("请谁协办")


class DecideForm(TargetForm, WordsForm):
    """Whose it is, said by the mediator."""

    label = _("确定由谁承办")
    field_order = ("target", "text")

    def prepare(self) -> None:
        super().prepare()
        self.fields["text"].label = _("协调意见")
        if self.order.rightful_id:
            self.initial["target"] = f"d{self.order.rightful_id}"
        self.order_fields(self.field_order)


class TransferForm(TargetForm, WordsForm):
    """Who goes on with it: a colleague or another department."""

    label = _("转给谁")
    colleagues = True

    def prepare(self) -> None:
        super().prepare()
        self.fields["text"].label = _("转办理由")
        self.order_fields(("target", "text"))


class ReturnForm(WordsForm):
    """Why it is not ours, and whose it is."""

    def prepare(self) -> None:
        known = self.places.names(without=[self.order.department_id, self.order.appeal.about_id])
        self.fields["rightful"] = forms.TypedChoiceField(
            choices=known,
            coerce=lambda pk: self.places.departments[int(pk)],
            label=_("应由哪个部门承办"),
            help_text=_("退单必须指出正确的部门；第二次退单由协调员裁定。"),
        )
        self.fields["text"].label = _("退单理由")
        self.order_fields(("rightful", "text"))


class OpenForm(OrderForm):
    """For how long everybody who qualifies may grab it."""

    hours = forms.IntegerField(label=_("开放几小时"), min_value=1, max_value=LONGEST_WINDOW, initial=24)


class AcceptForm(OrderForm):
    """Take the appeal in, with the desk's own view of its kind."""

    category = forms.ModelChoiceField(Category.objects.filter(active=True), label=_("类别"), required=False)
    complexity = forms.ChoiceField(
        label=_("复杂度"), choices=[("", _("按类别")), *Complexity.choices], required=False
    )

    def prepare(self) -> None:
        self.initial["category"] = self.order.appeal.category_id


class MergeForm(OrderForm):
    """Into which other open appeal of the same enterprise."""

    into = forms.ModelChoiceField(Appeal.objects.none(), label=_("并入同一企业的哪一件"), empty_label=None)

    def prepare(self) -> None:
        self.fields["into"].queryset = mergeable(self.order)  # type: ignore[attr-defined]


def mergeable(order: WorkOrder) -> Any:
    """Open appeals of the same enterprise that are about the same, or nobody."""
    appeal = order.appeal
    alive = WorkOrder.objects.filter(kind=OrderKind.LEAD, state__in=LIVE).values("appeal")
    others = Appeal.objects.filter(enterprise=appeal.enterprise_id, about=appeal.about_id, pk__in=alive)
    return others.exclude(pk=appeal.pk).order_by("-pk")


class NoteForm(WordsForm):
    """How the work goes on; the enterprise reads it only when told to."""

    public = forms.BooleanField(label=_("企业可见"), required=False)

    def prepare(self) -> None:
        self.fields["text"].label = _("办理情况")


class AnswerForm(OrderForm, common.AnswerForm):
    """How it ended, in words for the enterprise; with “promised” what will be done by when."""

    text = forms.CharField(label=_("答复内容（企业会看到）"), max_length=4000, widget=area(5))

    def prepare(self) -> None:
        self.fields["text"].label = _("答复内容（企业会看到）")


class SurveyForm(OrderForm):
    """What the enterprise said on the telephone of the answer."""

    satisfaction = forms.ChoiceField(
        label=_("满意度"), choices=Satisfaction.choices, widget=forms.RadioSelect
    )
    solved = forms.BooleanField(label=_("问题已解决"), required=False)
    comment = forms.CharField(label=_("企业意见"), max_length=TEXT, required=False, widget=area(2))
