"""What the official writes on a phone, what a planner asks for, and what the enterprise says to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.models import Appeal, Category
from appeals.models.visit import MOST_PHOTO_BYTES
from appeals.uploading import ManyFilesField
from appeals.visits.planning import MOST_TIMES
from appeals.visits.recording import MOST_PHOTOS, MOST_PROBLEMS, Problem, Record
from portal.accounts.identifiers import check_phone
from portal.kernel.uploads import IMAGES, UploadValidator

SHOWN_PROBLEMS: Final = 3
OPERATING: Final = (
    ("", _("请选择")),
    ("growing", _("扩产，形势好")),
    ("steady", _("正常生产经营")),
    ("shrinking", _("减产，形势偏紧")),
    ("stopped", _("停产停业")),
)


class PhotosField(ManyFilesField):
    """Several photographs."""

    too_many = _("一次走访最多 %(most)d 张照片。")
    most = MOST_PHOTOS

    def __init__(self, *, capture: str = "", **kwargs: Any) -> None:
        attrs = {"accept": "image/*", "data-photos": True} | ({"capture": capture} if capture else {})
        super().__init__(attrs, UploadValidator(IMAGES, MOST_PHOTO_BYTES), **kwargs)


class RecordForm(forms.Form):
    """The visit form. `author` is whose form it is: a draft is not sent by somebody who signed in later.

    `base` is the key of the record that it amends: a draft of before is not written over a later one.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    base = forms.UUIDField(widget=forms.HiddenInput, required=False)
    author = forms.IntegerField(widget=forms.HiddenInput)
    visited_at = forms.DateTimeField(
        label=_("走访时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    met = forms.CharField(label=_("见了谁"), max_length=100, help_text=_("姓名和职务，如：陈明远，总经理。"))
    phone = forms.CharField(
        label=_("企业联系电话"),
        max_length=30,
        required=False,
        validators=[check_phone],
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "pattern": r"[0-9０-９+＋\(\)（）\-－—转 ]{5,30}",
                "title": check_phone.message,
                "data-needed-with": "problem-",
                "data-needed-words": _("发现问题要转办，请填写企业联系电话。"),
            }
        ),
        help_text=_("发现问题要转办时必填。"),
    )
    operating = forms.ChoiceField(label=_("生产经营"), choices=OPERATING, required=False)
    summary = forms.CharField(
        label=_("走访情况"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("看了什么、谈了什么、答应了什么。企业会看到并确认。"),
    )
    told = forms.BooleanField(label=_("宣讲了惠企政策"), required=False)
    camera = PhotosField(label=_("拍照"), capture="environment")
    album = PhotosField(
        label=_("从相册选"), help_text=_("最多 %(most)d 张，会先压缩再送出。") % {"most": MOST_PHOTOS}
    )

    def __init__(self, *args: Any, agenda: Iterable[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agenda = list(agenda)
        for appeal in self.agenda:
            self.fields[f"note-{appeal.pk}"] = forms.CharField(
                label=_("企业怎么说"),
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def talked_about(self) -> list[tuple[Appeal, forms.BoundField]]:
        """Each open appeal with its box."""
        return [(appeal, self[f"note-{appeal.pk}"]) for appeal in self.agenda]

    def record(self, problems: tuple[Problem, ...]) -> Record:
        """What was written, after validation."""
        given = self.cleaned_data
        names = ("key", "base", "visited_at", "met", "phone", "operating", "summary", "told")
        return Record(
            **{name: given[name] for name in names},
            notes={appeal.pk: given[f"note-{appeal.pk}"] for appeal in self.agenda},
            problems=problems,
            photos=(*given["camera"], *given["album"]),
        )


class ProblemForm(forms.Form):
    """A problem found; left empty it is none."""

    title = forms.CharField(label=_("问题"), max_length=80)
    text = forms.CharField(label=_("说明"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    category = forms.ModelChoiceField(
        Category.objects.filter(active=True), label=_("类别"), required=False, empty_label=_("由诉求中心定")
    )


ProblemFormSet = forms.formset_factory(
    ProblemForm, extra=SHOWN_PROBLEMS, max_num=MOST_PROBLEMS, absolute_max=MOST_PROBLEMS, validate_max=True
)


def problems_of(formset: Any) -> tuple[Problem, ...]:
    """The problems of a valid formset that were filled in."""
    filled = (form.cleaned_data for form in formset if form.has_changed() and form.cleaned_data)
    return tuple(Problem(each["title"], each["text"], each["category"]) for each in filled)


class DayForm(forms.Form):
    """On which day."""

    day = forms.DateField(
        label=_("哪一天"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.attrs["min"] = timezone.localdate().isoformat()


class ReasonForm(forms.Form):
    """Why."""

    text = forms.CharField(label=_("原因"), max_length=200)


class DisputeForm(forms.Form):
    """What was not so."""

    text = forms.CharField(label=_("哪里不属实"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class PlanForm(forms.Form):
    """How often in a quarter."""

    times = forms.TypedChoiceField(
        label=_("每家走访"),
        choices=[
            (number, _("每季度 %(number)d 次") % {"number": number}) for number in range(1, MOST_TIMES + 1)
        ],
        coerce=int,
    )
