"""Sign-in and sign-up forms: allauth's, in this portal's words."""

from typing import Any

from allauth.account.forms import LoginForm, SignupForm
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.identifiers import parse_mobile
from portal.accounts.models import User
from portal.accounts.second_factor import use_up
from portal.kernel.errors import DomainError


class SignInForm(LoginForm):
    """One box for username, mobile or e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.label = _("用户名、手机号或邮箱")
        login.widget.attrs["placeholder"] = _("用户名、手机号或邮箱")
        self.fields["password"].help_text = ""  # the page itself says what to do about a forgotten one

    def clean_login(self) -> str:
        """The username of the person whom the identifier names, so that guesses are counted per person."""
        login: str = super().clean_login()
        try:
            return str(User.objects.get_by_natural_key(login).username)
        except User.DoesNotExist:
            return login.casefold()


class _CodeOnce(BaseAuthenticateForm):
    """Asks for the second factor; a code that signed something or opened a door before is not taken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("动态码")
        code.widget.attrs |= {"placeholder": "", "inputmode": "numeric", "autofocus": True}

    def clean_code(self) -> str:
        """The code, used up by this; codes of recovery are allauth's to strike out."""
        now = timezone.now()
        code: str = super().clean_code()
        shown = self.authenticator
        if shown.type == Authenticator.Type.TOTP and not use_up(shown, code, at=now):
            raise ValidationError(_("这个动态码已经用过，请等下一个。"), code="used_code")
        return code


class SigningCodeField(forms.CharField):
    """The code with which somebody signs what is on the page; `prove_totp` judges it."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": False}
        given: dict[str, Any] = {
            "label": _("动态码"),
            "max_length": 20,
            "help_text": _("动态口令应用当前显示的六位数字。每个码只能用一次。"),
            "widget": forms.TextInput(attrs=attrs),
        }
        super().__init__(**given | kwargs)


class CodeForm(_CodeOnce, AuthenticateForm):
    """The second factor at the door."""


class CodeAgainForm(_CodeOnce, ReauthenticateForm):
    """The second factor of somebody who is in already."""


class SignUpForm(SignupForm):
    """A visitor's account: name and mobile as well."""

    name = forms.CharField(label=_("姓名"), max_length=50, validators=User._meta.get_field("name").validators)
    mobile = forms.CharField(
        label=_("手机号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "tel"})
    )
    field_order = ["name", "mobile", "username", "email", "password1", "password2"]

    def clean_username(self) -> str:
        """What looks like a mobile or an e-mail is no username: the three must not collide."""
        username: str = super().clean_username()
        try:
            parse_mobile(username)
        except DomainError:
            if "@" not in username:
                return username
        raise ValidationError(_("用户名不能是手机号或邮箱，请另取一个。"))

    def clean_mobile(self) -> str:
        """The canonical eleven digits, not yet taken by anybody."""
        try:
            mobile = parse_mobile(self.cleaned_data["mobile"])
        except DomainError as error:
            raise ValidationError(error.message) from error
        if User.objects.filter(mobile=mobile).exists():
            raise ValidationError(_("该手机号已绑定其他账号，请直接用它登录。"))
        return mobile

    def clean_email(self) -> str:
        """Not yet taken by anybody, whatever the case of its letters."""
        email: str = super().clean_email()
        if email and User.objects.filter(email__iexact=email).exists():
            raise ValidationError(_("该邮箱已绑定其他账号，请直接用它登录。"))
        return email

    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        user.name = self.cleaned_data["name"].strip()
        user.mobile = self.cleaned_data["mobile"]
        user.save(update_fields=["name", "mobile"])
        return user
