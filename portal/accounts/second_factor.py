"""Nobody works in the back office with a password alone: each session shows the second factor itself."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.kernel.errors import DomainError
from portal.kernel.numbers import half_width

TOTP_PERIOD = 30
GUESSES: Final = 10
GUESSING: Final = dt.timedelta(minutes=5)
"""How many wrong codes a person may try in which time when signing."""
SHOWABLE: Final = (2 * app_settings.TOTP_TOLERANCE + 1) * TOTP_PERIOD
"""Seconds for which one code is taken for shown: so long a used one is remembered."""


def has_second_factor(user: User) -> bool:
    """Whether the user has set up a second factor."""
    return bool(get_adapter().is_mfa_enabled(user))


def passed_second_factor(request: HttpRequest) -> bool:
    """Whether the user of this session has shown, in this session, a second factor that they still have."""
    user = request.user
    if not isinstance(user, User) or not has_second_factor(user):
        return False
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, user))


def sign_out_elsewhere(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Receiver of allauth's `authenticator_added`: this session showed its code, every other one ends.

    The code that it was set up with has shown what it could: it signs nothing and lets nobody in again.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return
    use_up(authenticator, request.POST.get("code", ""), at=timezone.now())
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, user)
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def enable_totp(user: User, secret: str | None = None) -> str:
    """Give the user a TOTP authenticator (replacing one) and return its base-32 secret: demo and tests."""
    secret = secret or generate_totp_secret()
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret)
    return secret


def totp_secret_of(user: User) -> str:
    """The base-32 secret of the user's authenticator. Raises Authenticator.DoesNotExist."""
    authenticator = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return str(decrypt(authenticator.data["secret"]))


def current_totp_code(user: User) -> str:
    """The six digits that the user's authenticator shows now. Raises Authenticator.DoesNotExist."""
    return totp_code_at(user, timezone.now())


def totp_code_at(user: User, at: dt.datetime) -> str:
    """The six digits that the user's authenticator shows at a moment. Raises Authenticator.DoesNotExist."""
    return _code(totp_secret_of(user), _period_of(at))


def prove_totp(user: User, code: str, *, at: dt.datetime) -> str:
    """Which code of which authenticator the user has shown, as `totp:<authenticator>:<period>`.

    Whoever keeps that unique takes each code once; one that somebody signed in with is used up as well, and
    after the commit this one opens no door. Raises DomainError for a user without an authenticator, a code
    that it does not show around the moment, a used one, and after `GUESSES` wrong ones in `GUESSING`.
    """
    authenticator = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if authenticator is None:
        raise DomainError(_("请先在“账号安全”中绑定动态口令，再签署。"), code="no_second_factor")
    wrong = f"accounts.totp.wrong:{user.pk}"
    if cache.get(wrong, 0) >= GUESSES:
        raise DomainError(_("动态码错误次数过多，请 5 分钟后再试。"), code="too_many_codes")
    period = _period_shown(authenticator, code, at)
    if period is not None:
        used = _used(authenticator, period)
        if cache.get(used):
            raise DomainError(_("这个动态码已经用过，请等应用显示下一个后再签署。"), code="used_code")
        transaction.on_commit(lambda: cache.set(used, True, timeout=SHOWABLE), robust=True)
        return f"totp:{authenticator.pk}:{period}"
    cache.add(wrong, 0, timeout=GUESSING.total_seconds())
    cache.incr(wrong)
    raise DomainError(_("动态码不正确，请输入动态口令应用当前显示的六位数字。"), code="wrong_code")


def use_up(authenticator: Authenticator, code: str, *, at: dt.datetime) -> bool:
    """Note that somebody comes in with the code; whether they may: it is shown now, and was used nowhere.

    allauth forgets a code after one period, though it takes it for three, and knows nothing of signatures.
    """
    period = _period_shown(authenticator, code, at)
    return period is not None and bool(cache.add(_used(authenticator, period), True, timeout=SHOWABLE))


def _used(authenticator: Authenticator, period: int) -> str:
    return f"accounts.totp.used:{authenticator.pk}:{period}"


def _period_shown(authenticator: Authenticator, code: str, at: dt.datetime) -> int | None:
    """In which period around the moment the authenticator shows the code; None: in none."""
    secret, typed = str(decrypt(authenticator.data["secret"])), half_width(code).replace(" ", "")
    period = _period_of(at)
    for near in range(period - app_settings.TOTP_TOLERANCE, period + app_settings.TOTP_TOLERANCE + 1):
        if constant_time_compare(typed, _code(secret, near)):
            return near
    return None


def _period_of(at: dt.datetime) -> int:
    return int(at.timestamp()) // TOTP_PERIOD


def _code(secret: str, period: int) -> str:
    return format_hotp_value(hotp_value(secret, period))


def is_official(user: User) -> bool:
    """Whether the user works for an authority: in the back office, or in any post."""
    return user.is_superuser or user.is_staff or bool(user.roles)


_desks: Final[dict[str, Callable[[User], bool]]] = {"/desk/": is_official}
"""Where people work with the second factor, and whether somebody has something to do there."""


def guard_desk(address: str, works_here: Callable[[User], bool]) -> None:
    """Ask for the second factor at all addresses that begin so: for apps that keep a desk of their own."""
    _desks[address] = works_here


class SecondFactorMiddleware:
    """Staff reach `/admin/`, and who works there a desk, once this session has shown a second factor.

    Before, they are sent to show it, or to set one up. Who has nothing to do at a desk is told so (403)
    instead of setting up what would not open it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        works_here = _guard_of(request)
        if works_here is None or not user.is_authenticated or passed_second_factor(request):
            return self.get_response(request)
        if not works_here(user):
            raise PermissionDenied
        if has_second_factor(user):
            messages.info(request, _("进入管理后台或工单台前，请输入动态码。"))
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
        messages.info(request, _("进入管理后台或工单台前，请先绑定动态口令（第二重验证）。"))
        return redirect("mfa_activate_totp")


def _guard_of(request: HttpRequest) -> Callable[[User], bool] | None:
    """Who works at the place of a page of a desk's, or of the back office's (for staff); None elsewhere."""
    for address, works_here in _desks.items():
        if request.path.startswith(address):
            return works_here
    back_office = request.path.startswith(reverse("admin:index")) and request.path != reverse("admin:logout")
    return is_official if back_office and getattr(request.user, "is_staff", False) else None
