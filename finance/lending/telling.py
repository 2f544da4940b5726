"""Messages of loans: to the enterprise, to the people of its bank, to all banks, to the finance office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.consents.hooks import recipients
from enterprises.models import Consent, GranteeKind
from finance.keepers import OFFICE
from finance.models import BankOfficer, LoanApplication, LoanEvent, LoanState
from finance.models.bank import BankOfficerQuerySet
from finance.models.vocabulary import Post
from portal.accounts.models import Posting
from portal.accounts.roles import Role
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

WORKING: Final = (Post.MANAGER, Post.OFFICER)


@in_language_of_record()
def tell_enterprise(loan: LoanApplication, event: LoanEvent, title: str, body: str = "") -> None:
    """Write to the enterprise; the link is its own page of the loan."""
    said = body or asked_words(loan)
    key, url = _key(event, "enterprise"), loan.get_absolute_url()
    send_messages([Draft(loan.enterprise.mailbox_id, key, "loan", title, said, url)])


@in_language_of_record()
def tell_bank(loan: LoanApplication, event: LoanEvent, title: str, body: str = "") -> None:
    """Write to those who work for its bank, of a branch those of that branch and of the whole bank."""
    if loan.bank_id is None:
        return
    said = body or f"{loan.number} · {asked_words(loan)}"
    _send_to_bank(loan, event, title, said, people_of(loan))


@in_language_of_record()
def tell_in_charge(loan: LoanApplication, event: LoanEvent, title: str, body: str) -> None:
    """Write to the officer whose loan it is, while at work for the bank, and to its managers."""
    officer = [user for user in people_of(loan) if user == loan.officer_id]
    said = f"{loan.number} · {body}"
    _send_to_bank(loan, event, title, said, {*officer, *people_of(loan, Post.MANAGER)})


@in_language_of_record()
def tell_banks(loan: LoanApplication, event: LoanEvent) -> None:
    """Write to every bank on the platform that there is something in the hall; without a word of who asks."""
    posts = _serving().filter(bank__live=True, role__in=WORKING)
    title = _("抢单大厅有新的贷款需求：%(asked)s") % {"asked": asked_words(loan)}
    send_messages(
        Draft(box, _key(event, "hall"), "bank_loan", title, "", f"/bank/{bank}/hall/")
        for box, bank in _boxes_with_banks(posts.values_list("user", "bank"))
    )


@in_language_of_record()
def tell_office(loan: LoanApplication, event: LoanEvent, title: str) -> None:
    """Write to the finance office, which asks the bank."""
    said = _said_to_office(loan)
    boxes = boxes_of(office_people())
    send_messages(Draft(box, _key(event, "office"), "bank_loan", title, said) for box in boxes)


@in_language_of_record()
def asked_words(loan: LoanApplication) -> str:
    """How much for how long and for what, without a name."""
    return _("%(amount)s · %(months)d 个月 · %(purpose)s") % {
        "amount": format_money(loan.amount_fen),
        "months": loan.term_months,
        "purpose": loan.get_purpose_display(),
    }


def people_of(loan: LoanApplication, *posts: str) -> list[int]:
    """Users who work for the loan's bank and branch today, in the named posts."""
    found = _serving().filter(bank=loan.bank_id, role__in=posts or WORKING)
    if loan.branch_id is not None:
        found = found.filter(Q(branch=None) | Q(branch=loan.branch_id))
    return list(found.order_by("pk").values_list("user", flat=True))


def office_people() -> list[int]:
    """Users of the finance office; of a county without one its supervisors."""
    posted = Posting.objects.filter(user__is_active=True).order_by("pk")
    found = posted.filter(department__code=OFFICE, role__in=(Role.LEADER, Role.HANDLER))
    users = list(found.values_list("user", flat=True))
    return users or list(posted.filter(role=Role.SUPERVISOR).values_list("user", flat=True))


def boxes_of(users: Iterable[int]) -> list[int]:
    """Their mailboxes."""
    boxes = Mailbox.objects.filter(user__in=list(users), user__is_active=True)
    return list(boxes.order_by("pk").values_list("pk", flat=True))


@recipients(GranteeKind.BANK)
def officers_of(consent: Consent) -> Iterator[tuple[int, str]]:
    """Who of a bank is told that a consent was given, revoked or is over, and where they see it.

    The loan is found by the number that the consent names: it is given before the loan points to it. One that
    is being filed, a draft yet, is told of as such.
    """
    rows = LoanApplication.objects.exclude(state=LoanState.DRAFT)
    loan = rows.filter(number=consent.reference, bank__grantee=consent.grantee).first()
    if consent.grantee is not None and loan is not None:
        url = f"/bank/{loan.bank_id}/loans/{loan.number}/"
        yield from ((box, url) for box in boxes_of(people_of(loan)))


def _send_to_bank(
    loan: LoanApplication, event: LoanEvent, title: str, body: str, users: Iterable[int]
) -> None:
    url = f"/bank/{loan.bank_id}/loans/{loan.number}/"
    drafts = (Draft(box, _key(event, "bank"), "bank_loan", title, body, url) for box in boxes_of(users))
    send_messages(drafts)


def _serving() -> BankOfficerQuerySet:
    return BankOfficer.objects.serving(timezone.localdate()).filter(user__is_active=True)


def _boxes_with_banks(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    banks = dict(pairs)
    boxes = Mailbox.objects.filter(user__in=banks).order_by("pk").values_list("pk", "user")
    return [(box, banks[user]) for box, user in boxes]


@in_language_of_record()
def _said_to_office(loan: LoanApplication) -> str:
    return _("%(bank)s · %(number)s · %(asked)s") % {
        "bank": loan.bank or _("抢单大厅"),
        "number": loan.number,
        "asked": asked_words(loan),
    }


def _key(event: LoanEvent, whom: str) -> str:
    return f"loan:{event.pk}:{whom}"
