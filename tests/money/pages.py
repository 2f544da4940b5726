"""Addresses of the payment desk's pages, and the codes that officials sign with."""

from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.second_factor import totp_code_at
from tests.money.factories import Desk


def at(desk: Desk, name: str = "desk_money", *args: object) -> str:
    """A page of the desk."""
    return reverse(name, args=[desk.line.department_id, *args])


def code(user: User) -> str:
    """What the authenticator of an official says now."""
    return totp_code_at(user, timezone.now())
