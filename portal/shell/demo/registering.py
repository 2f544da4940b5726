"""The demo's accounts: users with postings or memberships, staff with their authenticators."""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password

from enterprises.models import Enterprise, Membership
from portal.accounts.models import Department, Posting, User
from portal.accounts.second_factor import enable_totp, has_second_factor
from portal.notifications.models import Mailbox
from portal.shell.demo.people import ACCOUNTS, PASSWORD, Account, totp_secret


def register_accounts() -> dict[str, User]:
    """Make the accounts that are missing; those that exist keep what was changed. By username."""
    hashed = make_password(PASSWORD)
    departments = {department.code: department for department in Department.objects.all()}
    return {account.username: _register(account, hashed, departments) for account in ACCOUNTS}


def open_accounts(named: Iterable[tuple[str, str]], *, staff: bool = False) -> list[User]:
    """Accounts without a password, each with its mailbox: usernames and names of people of the county."""
    users = User.objects.bulk_create(
        User(username=username, name=name, password=make_password(None), is_staff=staff)
        for username, name in named
    )
    Mailbox.objects.bulk_create(Mailbox(kind=Mailbox.Kind.USER, user=user) for user in users)
    return users


def _register(account: Account, hashed: str, departments: dict[str, Department]) -> User:
    user, created = User.objects.get_or_create(
        username=account.username,
        defaults={"name": account.name, "password": hashed, "is_staff": account.staff},
    )
    Mailbox.for_user(user)
    if account.role is not None:
        for code in account.departments:
            Posting.objects.get_or_create(user=user, department=departments[code], role=account.role)
    if (account.staff or account.banker) and not has_second_factor(user):
        enable_totp(user, totp_secret(account.username))
    if created:
        for enterprise in Enterprise.objects.filter(uscc__in=account.enterprises):
            Membership.objects.get_or_create(
                enterprise=enterprise, user=user, defaults={"role": account.member}
            )
    return user
