"""What an enterprise writes: the appeal itself, words and files afterwards, what it thinks of the answer."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from appeals.enums import Satisfaction, Secrecy
from appeals.filing import MOST_ATTACHMENTS, MOST_TEXT, Filing
from appeals.models import Category
from appeals.uploading import ManyFilesField
from portal.accounts.identifiers import check_phone
from portal.accounts.models import Department
from portal.kernel.uploads import DOCUMENTS, IMAGES, Kind, UploadValidator

ACCEPTED: Final = "image/jpeg,image/png,.pdf,.ofd,.docx,.xlsx"


class FilesField(ManyFilesField):
    """Several photographs or documents."""

    too_many = _("一件诉求最多附 %(most)d 个文件。")
    most = MOST_ATTACHMENTS

    def __init__(self, *, accept: str = ACCEPTED, capture: str = "", **kwargs: Any) -> None:
        attrs = {"accept": accept} | ({"capture": capture} if capture else {})
        super().__init__(attrs, UploadValidator(IMAGES | DOCUMENTS | {Kind.XLSX}), **kwargs)


class FilesForm(forms.Form):
    """Photographs taken now, and files there are."""

    camera = FilesField(label=_("拍照"), accept="image/*", capture="environment")
    documents = FilesField(
        label=_("选照片或文件"), help_text=_("可选多个：照片、PDF、OFD、Word、Excel，每个不超过 20 MB。")
    )

    @property
    def given(self) -> list[UploadedFile]:
        """All that was sent, after validation."""
        return [*self.cleaned_data.get("camera", ()), *self.cleaned_data.get("documents", ())]


class OnlyFilesForm(FilesForm):
    """Files, at least one."""

    def clean(self) -> dict[str, Any]:
        """Something was chosen."""
        given = super().clean() or {}
        if not self.errors and not self.given:
            raise ValidationError(_("请拍一张照片，或选择文件。"), code="no_file")
        return given


class WordsForm(forms.Form):
    """A reason."""

    text = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


class ReplyForm(FilesForm, WordsForm):
    """An answer to a question, with what proves it."""

    field_order = ("text", "camera", "documents")


class RateForm(forms.Form):
    """What the enterprise thinks of the answer; whether it is solved is asked apart."""

    satisfaction = forms.ChoiceField(
        label=_("您对答复满意吗"), choices=Satisfaction.choices, widget=forms.RadioSelect
    )
    solved = forms.TypedChoiceField(
        label=_("问题解决了吗"),
        choices=[("yes", _("已经解决")), ("no", _("还没解决"))],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("想说的话"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("不满意会由更高层领导二次办理，再不满意转督办；说说哪里不满意，办得更准。"),
    )


class CategoryField(forms.ModelChoiceField):
    """Categories with their hints, so that nobody has to know the words of offices."""

    def label_from_instance(self, obj: Any) -> str:
        """`融资（贷款、续贷、担保、贴息）`."""
        return f"{obj.label}（{obj.hint}）" if obj.hint else str(obj.label)


class DepartmentField(forms.ModelChoiceField):
    """Departments by their full names."""

    def label_from_instance(self, obj: Any) -> str:
        """The full name."""
        return str(obj.name)


class FilingForm(FilesForm):
    """An appeal in a minute: two boxes are enough, the rest is known or may stay empty."""

    title = forms.CharField(
        label=_("一句话说清诉求"),
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": _("例如：厂区频繁停电，影响生产")}
        ),
    )
    text = forms.CharField(
        label=_("具体情况"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("什么时候、在哪里、怎么回事、想要什么结果。"),
    )
    category = CategoryField(
        label=_("类别"),
        queryset=Category.objects.filter(active=True),
        required=False,
        empty_label=_("说不清就空着，由诉求中心来定"),
    )
    place = forms.CharField(label=_("在哪里（可不填）"), max_length=100, required=False)
    urgent = forms.BooleanField(label=_("紧急：正在停产、有安全风险，或几天内就要到期"), required=False)
    contact_name = forms.CharField(
        label=_("联系人"), max_length=50, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact_phone = forms.CharField(
        label=_("联系电话"),
        max_length=30,
        validators=[check_phone],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    about = DepartmentField(
        label=_("反映的是哪个部门"),
        queryset=Department.objects.all(),
        required=False,
        empty_label=_("不是投诉，不用选"),
        help_text=_("选了之后，这个部门看不到这件诉求，也不会由它来办。"),
    )
    anonymous = forms.BooleanField(
        label=_("不让承办单位知道我们是谁"),
        required=False,
        help_text=_("承办单位看不到企业名称和联系电话，由诉求中心居中联系；办得可能会慢一些。"),
    )
    confidential = forms.BooleanField(
        label=_("按保密件办理"),
        required=False,
        help_text=_("通知里不出现标题和内容，只有经办的人登录后才能看到。"),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def filing(self) -> Filing:
        """As the service takes it, after validation."""
        names = {"title", "text", "contact_name", "contact_phone", "category", "place"}
        names |= {"urgent", "about", "anonymous"}
        given = self.cleaned_data
        secrecy = Secrecy.CONFIDENTIAL if given["confidential"] else Secrecy.OPEN
        return Filing(**{name: given[name] for name in names}, secrecy=secrecy)
