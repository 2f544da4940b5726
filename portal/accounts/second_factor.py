"""Nobody works in the back office with a password alone."""

from collections.abc import Callable

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.models import User

TOTP_PERIOD = 30


def has_second_factor(user: User) -> bool:
    """Whether the user has set up a second factor."""
    return bool(get_adapter().is_mfa_enabled(user))


def enable_totp(user: User, secret: str | None = None) -> str:
    """Give the user a TOTP authenticator (replacing one) and return its base-32 secret: demo and tests."""
    secret = secret or generate_totp_secret()
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret)
    return secret


def current_totp_code(user: User) -> str:
    """The six digits that the user's authenticator shows now. Raises Authenticator.DoesNotExist."""
    authenticator = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    counter = int(timezone.now().timestamp()) // TOTP_PERIOD
    return format_hotp_value(hotp_value(decrypt(authenticator.data["secret"]), counter))


class SecondFactorMiddleware:
    """Staff without a second factor are sent to set one up before they reach `/admin/`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not request.path.startswith(reverse("admin:index")) or not user.is_authenticated:
            return self.get_response(request)
        if not user.is_staff or has_second_factor(user) or request.path == reverse("admin:logout"):
            return self.get_response(request)
        messages.info(request, _("进入管理后台前，请先绑定动态口令（第二重验证）。"))
        return redirect("mfa_activate_totp")
