"""The people of the example banks: three that the demo signs in as, two of every other bank."""

from __future__ import annotations

import datetime as dt
from typing import Final

from finance.acting import BankActor
from finance.models import Bank, BankOfficer
from finance.models.vocabulary import Post
from portal.accounts.models import User
from portal.shell.demo.firm import credit_code
from portal.shell.demo.registering import open_accounts

FIRST_CODE: Final = 98_001
"""Example banks have invented credit codes beyond those of the drawn firms."""
SIGNED_IN: Final = {
    "banker": ("ABC", Post.OFFICER),
    "bank_manager": ("ABC", Post.MANAGER),
    "bank_rival": ("CQRCB", Post.OFFICER),
}
"""Accounts of `people`, each with its bank and post."""
NAMES: Final = (
    "钱立群",
    "于海波",
    "孟丽",
    "邱实",
    "侯雪",
    "龙飞",
    "万芳",
    "段誉华",
    "雷鸣",
    "汤静",
    "尹航",
    "黎明月",
    "易小川",
)


def appoint_bankers(people: dict[str, User], today: dt.date) -> dict[int, list[BankActor]]:
    """Who works for each example bank, its manager first; people who are there already stay."""
    banks = {bank.code: bank for bank in Bank.objects.live().order_by("code")}
    for number, bank in enumerate(banks.values()):
        if bank.uscc is None:
            bank.uscc = credit_code("1", FIRST_CODE + number)
            bank.save(update_fields=["uscc"])
    since = today - dt.timedelta(days=800)
    for username, (code, post) in SIGNED_IN.items():
        user = people[username]
        if code in banks:
            BankOfficer.objects.get_or_create(
                user=user, bank=banks[code], defaults={"role": post, "since": since}
            )
    for number, bank in enumerate(banks.values()):
        _fill(bank, NAMES[number % len(NAMES)], since)
    return {bank.pk: _actors(bank) for bank in banks.values()}


def _fill(bank: Bank, name: str, since: dt.date) -> None:
    """A manager for a bank that has none, and an officer where nobody but the manager works."""
    roles = set(bank.officers.values_list("role", flat=True))
    missing = [post for post in (Post.MANAGER, Post.OFFICER) if post not in roles]
    users = open_accounts((f"bank-{bank.code.lower()}-{post}", name) for post in missing)
    BankOfficer.objects.bulk_create(
        BankOfficer(user=user, bank=bank, role=post, since=since)
        for user, post in zip(users, missing, strict=True)
    )


def _actors(bank: Bank) -> list[BankActor]:
    posts = bank.officers.select_related("user", "bank").exclude(role=Post.VIEWER)
    found = [BankActor(post.user, post.bank, post.role, post.branch) for post in posts.order_by("pk")]
    return sorted(found, key=lambda actor: actor.role != Post.MANAGER)
