"""What is written at the review desk; each form knows the case it is about."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from policies.enums import Outcome, Stance, Wanted
from policies.models import Objection, Opinion
from policies.models.applying.opinion import TemplateUse
from policies.reviewers import reviewing_departments
from policies.reviewing.deciding import Proposal, most_of
from policies.reviewing.desk.case import Case
from policies.reviewing.desk.rows import judged_words
from policies.reviewing.intake import Point
from portal.accounts.models import Department
from portal.kernel.errors import DomainError
from portal.kernel.money import exact_money, parse_money

TEXT: Final = 1000
POINTS: Final = 8
"""Lines of a list of what is to be amended."""
ASKED: Final = 6
"""Departments that can be asked at once."""


class TemplateSelect(forms.Select):
    """Templates of words: the page's script puts the chosen one's words into the box that it fills."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(*args, **kwargs)
        if instance := getattr(option["value"], "instance", None):
            option["attrs"]["data-text"] = instance.text
        return option


class StepForm(forms.Form):
    """A step without words: pressing is enough. `seen` is the last event of the page it was taken from."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    template_uses: tuple[str, ...] = ()
    """Templates of words that are offered for `template_for`."""
    template_for = ""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        self.initial.setdefault("seen", case.last_event)
        self.prepare()
        if self.template_uses:
            self._offer_templates()

    def prepare(self) -> None:
        """Fill in the choices that the case leaves."""

    def clean(self) -> dict[str, Any]:
        """Without script a chosen template stands for words that were not written."""
        given = super().clean() or {}
        template = given.get("template")
        if template is not None and not given.get(self.template_for):
            given[self.template_for] = template.text
        return given

    def catch_up(self) -> None:
        """Having been told what was done meanwhile, its writer may send the same again."""
        data: Any = self.data
        self.data = given = data.copy()
        given[self.add_prefix("seen")] = str(self.case.last_event)

    def _offer_templates(self) -> None:
        known = self.case.templates(*self.template_uses)
        if not known.exists():
            return
        fills = self.add_prefix(self.template_for)
        self.fields["template"] = forms.ModelChoiceField(
            known,
            label=_("用模板"),
            required=False,
            empty_label=_("不用"),
            widget=TemplateSelect(attrs={"data-fills": fills}),
        )
        order = list(self.fields)
        order.remove("template")
        order.insert(order.index(self.template_for), "template")
        self.order_fields(order)


def area(rows: int = 3) -> forms.Textarea:
    """A box for words."""
    return forms.Textarea(attrs={"rows": rows})


class WordsForm(StepForm):
    """A reason, under a label of its own: see `words`."""

    text = forms.CharField(max_length=TEXT, widget=area())


def words(label: Any, *, required: bool = True) -> type[WordsForm]:
    """A form that asks for words under this label."""

    class Labelled(WordsForm):
        def prepare(self) -> None:
            self.fields["text"].label, self.fields["text"].required = label, required

    return Labelled


class Line(forms.Form):
    """One of several lines of a step; empty ones are left out. `number` is counted from 1."""

    number = 0

    def __bool__(self) -> bool:
        """Whether anything was written into it."""
        return any(self[name].data for name in self.fields)


class PointForm(Line):
    """One thing to be amended."""

    of = forms.ChoiceField(label=_("要补的是"), required=False)
    what = forms.CharField(label=_("补什么"), max_length=300, required=False)
    why = forms.CharField(label=_("为什么"), max_length=300, required=False)

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["of"].choices = choices  # type: ignore[attr-defined]
        for name in ("what", "why"):
            self.fields[name].widget.attrs["list"] = "words-return"

    def clean(self) -> dict[str, Any]:
        """All of a line, or nothing."""
        given = super().clean() or {}
        for name, complaint in (
            ("of", _("请选择要补正的材料或填报项。")),
            ("what", _("请写明要补什么。")),
            ("why", _("请写明为什么要补。")),
        ):
            if self and not given.get(name) and name not in self.errors:
                self.add_error(name, complaint)
        return given

    @property
    def point(self) -> Point:
        """As the service takes it."""
        wanted, _colon, target = self.cleaned_data["of"].partition(":")
        return Point(wanted, target, self.cleaned_data["what"], self.cleaned_data["why"])


class LinesForm(StepForm):
    """A step of several lines, of which the first `shown` stand open."""

    most = POINTS
    shown = 2
    none: Any = ""

    def prepare(self) -> None:
        data = self.data if self.is_bound else None
        self.lines = [self.line(data, place) for place in range(self.most)]
        for number, line in enumerate(self.lines, 1):
            line.number = number

    def line(self, data: Any, number: int) -> Line:
        """An empty line, or what was written into it."""
        raise NotImplementedError  # what a line holds, each subclass says

    @property
    def first_lines(self) -> list[Line]:
        """Those that stand open."""
        return self.lines[: self.shown]

    @property
    def more_lines(self) -> list[Line]:
        """Those that are folded."""
        return self.lines[self.shown :]

    @property
    def more_used(self) -> bool:
        """Whether anything was written into those that are folded."""
        return self.is_bound and any(self.more_lines)

    @property
    def written(self) -> list[Line]:
        """Lines with something in them."""
        return [line for line in self.lines if line]

    def clean(self) -> dict[str, Any]:
        """Every line that was begun is complete, and there is one."""
        given = super().clean()
        if not self.written:
            raise ValidationError(self.none, code="no_lines")
        wrong = [line for line in self.written if not line.is_valid()]
        if wrong:
            raise ValidationError(_("有的行没有填完整，请看每行下面的提示。"), code="lines")
        return given


class ReturnForm(LinesForm):
    """The list of what is to be amended, told at once."""

    none = _("请至少写一项要补正的内容。")

    def line(self, data: Any, number: int) -> Line:
        """A point."""
        return PointForm(data, prefix=f"point{number}", auto_id="return-%s", choices=self._choices)

    @property
    def points(self) -> list[Point]:
        """As the service takes them."""
        return [line.point for line in self.written if isinstance(line, PointForm)]

    @property
    def templates(self) -> Any:
        """Words that are offered while a line is written."""
        return self.case.templates(TemplateUse.RETURN)

    @property
    def _choices(self) -> list[tuple[Any, Any]]:
        materials = [(f"{Wanted.MATERIAL}:{name}", name) for name in self.case.materials_wanted]
        answers = [(f"{Wanted.ANSWER}:{one.key}", one.label) for one in self.case.answers]
        groups: list[tuple[Any, Any]] = [("", _("请选择"))]
        groups += [(_("材料"), materials)] if materials else []
        groups += [(_("填报内容"), answers)] if answers else []
        return [*groups, (f"{Wanted.OTHER}:", _("其他"))]


class AskForm(Line):
    """One department, and what it is asked."""

    department = forms.TypedChoiceField(label=_("部门"), required=False, empty_value=None)
    question = forms.CharField(label=_("请核什么"), max_length=300, required=False)

    def __init__(self, *args: Any, departments: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["department"]
        field.choices = [("", _("请选择")), *((str(pk), one.short_name) for pk, one in departments.items())]
        field.coerce = lambda pk: departments[int(pk)]

    def __bool__(self) -> bool:
        """A department that was offered and not asked anything counts for nothing."""
        return bool(self["question"].data)

    def clean(self) -> dict[str, Any]:
        """Somebody is asked."""
        given = super().clean() or {}
        if self and not given.get("department"):
            self.add_error("department", _("请选择请哪个部门核。"))
        return given


class ConsultForm(LinesForm):
    """Several departments at once, each with its question; those that share the item are offered first."""

    most = ASKED
    none = _("请至少选择一个部门，并写明请它核什么。")

    def prepare(self) -> None:
        lead = self.case.application.item.department_id
        rows = Department.objects.filter(pk__in=reviewing_departments()).exclude(pk=lead)
        self.departments = {one.pk: one for one in rows}
        shared = [] if self.is_bound else self.case.application.item.co_departments.all()
        self.offered = [one for one in shared if one.pk in self.departments]
        self.shown = max(2, len(self.offered))
        super().prepare()

    def line(self, data: Any, number: int) -> Line:
        """A department."""
        offered = self.offered[number].pk if number < len(self.offered) else None
        return AskForm(
            data,
            prefix=f"ask{number}",
            auto_id="consult-%s",
            departments=self.departments,
            initial={"department": offered},
        )

    def clean(self) -> dict[str, Any]:
        """No department is asked twice."""
        given = super().clean()
        places = [line.cleaned_data["department"].pk for line in self.written]
        if len(set(places)) < len(places):
            raise ValidationError(_("同一个部门只提请一次，请把问题写在一起。"), code="twice")
        return given

    @property
    def asked(self) -> dict[Department, str]:
        """As the service takes it."""
        return {line.cleaned_data["department"]: line.cleaned_data["question"] for line in self.written}


class OpinionForm(StepForm):
    """What the department thinks, for what it was asked."""

    template_uses, template_for = (TemplateUse.OPINION,), "text"
    stance = forms.ChoiceField(label=_("意见"), choices=Stance.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("说明"), max_length=2000, widget=area(), required=False, help_text=_("不同意须写明理由。")
    )


class ChaseForm(StepForm):
    """Which department is reminded of its opinion."""

    opinion = forms.ModelChoiceField(Opinion.objects.none(), label=_("哪个部门"), empty_label=None)

    def prepare(self) -> None:
        field: Any = self.fields["opinion"]
        field.queryset = self.case.application.opinions.awaited().select_related("department")
        field.label_from_instance = lambda opinion: opinion.department.short_name


class RecallForm(ChaseForm):
    """For which department nobody waits any longer, and why."""

    text = forms.CharField(label=_("为什么不再等待"), max_length=TEXT, widget=area())
    field_order = ("seen", "opinion", "text")


class AnswerForm(WordsForm):
    """Which objection is answered, and what came of it."""

    objection = forms.ModelChoiceField(Objection.objects.none(), label=_("哪条异议"), empty_label=None)
    field_order = ("seen", "objection", "text")

    def prepare(self) -> None:
        field: Any = self.fields["objection"]
        field.queryset = self.case.notice.objections.filter(answer="") if self.case.notice else field.queryset
        field.label_from_instance = lambda one: f"{one.name}：{one}"
        self.fields["text"].label = _("核实情况和处理结果")


class ProposeForm(StepForm):
    """What is proposed: amount from what was judged, the clause picked or written, the reason."""

    template_uses, template_for = (TemplateUse.APPROVE, TemplateUse.REFUSE), "reason"
    outcome = forms.ChoiceField(label=_("拟定意见"), choices=Outcome.choices, widget=forms.RadioSelect)
    amount = forms.CharField(
        label=_("核定金额（不写单位按元算）"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-money": ""}),
    )
    clause = forms.CharField(
        label=_("依据条款"),
        max_length=300,
        required=False,
        help_text=_("可从条款里选，也可自己写；不予支持时必填。"),
        widget=forms.TextInput(attrs={"list": "words-clauses", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("理由"), max_length=TEXT, required=False, widget=area(), help_text=_("不予支持时必填。")
    )

    def prepare(self) -> None:
        if not self.case.gives_money:
            del self.fields["amount"]
            return
        low, high = self.case.evidence.amount_low, self.case.evidence.amount_high
        most = most_of(self.case.application, self.case.evidence)
        self.fields["amount"].help_text = _(
            "按规则算出：%(bounds)s。可写“40 万元”或“400000”；不予支持时不计。"
        ) % {"bounds": judged_words(low, most)}
        if most is None:
            self.fields["amount"].help_text += _("规则没有给出上限，须由负责人加签。")
        if low is not None and low == high:
            self.initial.setdefault("amount", exact_money(low).split(" ")[0])

    def clean_amount(self) -> int | None:
        """In fen; None where none is written."""
        text = self.cleaned_data["amount"]
        if not text.strip():
            return None
        try:
            amount = parse_money(text)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error
        if amount < 0:
            raise ValidationError(_("核定金额不能为负。"), code="negative")
        return amount

    @property
    def proposal(self) -> Proposal:
        """As the service takes it; what stands in the box of the amount is none of a refusal's."""
        given = self.cleaned_data
        amount = given.get("amount") if given["outcome"] == Outcome.APPROVE else None
        return Proposal(given["outcome"], amount, given["clause"], given["reason"])
