"""What those write who hold a talk, and those who come."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appeals.desk.places import Places, TargetField
from appeals.models import Talk
from appeals.placing import POOL
from enterprises.models import Enterprise
from portal.accounts.models import Department, Officer
from portal.accounts.models.officers import Rank

MOST_INVITED: Final = 100
LOCAL: Final = "%Y-%m-%dT%H:%M"


class TalkForm(forms.ModelForm):
    """A talk: theme, days on which topics are collected, when and where, who attends."""

    attending = forms.ModelMultipleChoiceField(
        Department.objects.exclude(code=POOL),
        label=gettext_lazy("参会部门"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("发布后通知他们。"),
    )

    class Meta:
        model = Talk
        fields = (
            "title",
            "theme",
            "leader",
            "held_at",
            "place",
            "seats",
            "opens_on",
            "closes_on",
            "attending",
        )
        widgets = {  # noqa: RUF012 - Django's own form
            "theme": forms.Textarea(attrs={"rows": 3}),
            "held_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
            "opens_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "closes_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, host: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.host = host
        serving: Any = Officer.objects.serving(timezone.localdate())
        leading = Q(department=host, rank__gte=Rank.DEPUTY) | Q(rank=Rank.COUNTY)
        field: Any = self.fields["leader"]
        field.queryset = serving.filter(leading).order_by("-rank", "pk")
        field.empty_label = _("待定")

    def clean(self) -> dict[str, Any]:
        """Topics are collected before the talk; it is still to come."""
        given = super().clean() or {}
        held_at, closes_on = given.get("held_at"), given.get("closes_on")
        if held_at and held_at <= timezone.now():
            self.add_error("held_at", _("召开时间应在现在之后。"))
        if held_at and closes_on and closes_on > timezone.localdate(held_at):
            self.add_error("closes_on", _("收题截止不能晚于召开那天。"))
        return given


class InviteForm(forms.Form):
    """Whom to invite: a line each."""

    firms = forms.CharField(
        label=gettext_lazy("邀请企业"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
        help_text=gettext_lazy("每行一家：企业全名，或统一社会信用代码。"),
    )

    def clean_firms(self) -> list[Enterprise]:
        """The enterprises. Raises ValidationError naming each line that is none, or several."""
        lines = [line.strip() for line in self.cleaned_data["firms"].splitlines() if line.strip()]
        if len(lines) > MOST_INVITED:
            raise ValidationError(_("一次最多邀请 %(most)d 家。") % {"most": MOST_INVITED})
        wanted = [line.upper() for line in lines]
        rows = list(Enterprise.objects.filter(Q(name__in=lines) | Q(uscc__in=wanted)).order_by("pk"))
        found, wrong = [], []
        for line in lines:
            named = [row for row in rows if row.name == line or row.uscc == line.upper()]
            if len(named) == 1:
                found.append(named[0])
            else:
                words = _("名册中没有“%(line)s”。") if not named else _("有多家叫“%(line)s”，请填信用代码。")
                wrong.append(words % {"line": line[:60]})
        if wrong:
            raise ValidationError(wrong[:20])
        return list(dict.fromkeys(found))


class MinutesForm(forms.Form):
    """What was said and agreed."""

    minutes = forms.CharField(
        label=gettext_lazy("会议纪要"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 8})
    )


class ReasonForm(forms.Form):
    """Why it does not take place."""

    text = forms.CharField(label=gettext_lazy("取消原因"), max_length=200)


class NoteForm(forms.Form):
    """What was answered at the talk."""

    note = forms.CharField(
        label=gettext_lazy("现场答复"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class HandOverForm(forms.Form):
    """To whom a topic goes; left open the desk hands it out."""

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("由诉求中心派单")), *places.targets()[1:]]
        self.fields["target"] = TargetField(places, choices, label=gettext_lazy("交给"), required=False)

    def targets(self) -> list[Any]:
        """The choices in groups, to be drawn once for every topic of the page."""
        widget: Any = self.fields["target"].widget
        return [
            (group, [{"value": one["value"], "label": one["label"]} for one in options], place)
            for group, options, place in widget.optgroups("target", [""])
        ]


class AnswerForm(forms.Form):
    """Whether the enterprise comes, and whom to call."""

    coming = forms.TypedChoiceField(
        label=gettext_lazy("到会吗"),
        choices=[("yes", gettext_lazy("到会")), ("no", gettext_lazy("不到会，书面提交题目"))],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=gettext_lazy("到会人或联系人"), max_length=50)
    phone = forms.CharField(
        label=gettext_lazy("联系电话"), max_length=30, widget=forms.TextInput(attrs={"type": "tel"})
    )


class TopicForm(forms.Form):
    """A topic."""

    title = forms.CharField(label=gettext_lazy("题目"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("内容"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("说清是什么事、卡在哪里、希望怎么解决。"),
    )
