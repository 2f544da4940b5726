"""Forms of the enterprise pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.models import MemberRole


class ClaimForm(forms.Form):
    """Claim an enterprise by its credit code and a photo of its licence."""

    uscc = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=30,
        help_text=_("18 位，在营业执照右上角。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("您的身份"), choices=MemberRole.choices, initial=MemberRole.MANAGER)
    licence = forms.FileField(
        label=_("营业执照照片"),
        help_text=_("手机拍照即可，文字要看得清。"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )


class InvitationForm(forms.Form):
    """Invite a colleague."""

    invitee = forms.CharField(
        label=_("同事的手机号或邮箱"),
        max_length=254,
        help_text=_("同一个人只有最新的链接有效。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("角色"),
        choices=[(role.value, role.label) for role in (MemberRole.AGENT, MemberRole.MANAGER)],
        help_text=_("经办人能查看和办理；管理员还能邀请同事。"),
    )
    until = forms.DateField(
        label=_("到哪天为止"),
        required=False,
        help_text=_("不填就长期有效。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
