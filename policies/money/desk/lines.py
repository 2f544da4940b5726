"""The lines of a batch, what is wrong with an account first: looked at before anything leaves."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from policies.models import AccountCheck, PayeeAccount, Payment, PaymentBatch
from policies.models.money.payment import LIVE, PaymentState, came_back_from

PAGE_SIZE: Final = 50
FAULTS: Final[dict[str, Promise]] = {
    "changed": _("企业已更换账户"),
    "returned": _("银行退回，待更正账户或重新核对"),
    "mismatched": _("户名不符"),
    "unchecked": _("户名未核对"),
    "renamed": _("户名与企业现名不同"),
}
"""Why a payment may not leave, by what was found of its account."""


def with_fault(payments: QuerySet[Payment]) -> Any:
    """Each payment with `fault`, a key of `FAULTS` or empty; what was sent or taken out has none."""
    newer = PayeeAccount.objects.filter(enterprise=OuterRef("enterprise"), pk__gt=OuterRef("account"))
    found = AccountCheck.objects.filter(account=OuterRef("account"))
    outcome = AccountCheck.Outcome
    return payments.annotate(
        fault=Case(
            When(~Q(state=PaymentState.PREPARED), then=Value("")),
            When(Exists(newer), then=Value("changed")),
            When(came_back_from("account"), then=Value("returned")),
            When(Exists(found.filter(outcome=outcome.MISMATCHED)), then=Value("mismatched")),
            When(~Exists(found.filter(outcome=outcome.MATCHED)), then=Value("unchecked")),
            When(~Q(account__holder=F("enterprise__name")), then=Value("renamed")),
            default=Value(""),
        )
    )


def came_back() -> QuerySet[Payment]:
    """Payments that the bank returned and that were not made anew: somebody is still owed."""
    anew = Payment.objects.filter(award=OuterRef("award"), state__in=LIVE)
    return Payment.objects.filter(~Exists(anew), state=PaymentState.RETURNED)


def page_of(batch: PaymentBatch, number: str | None) -> Page[Any]:
    """A page of the lines: faults first, then what came back or is unknown, then in order."""
    rows = with_fault(batch.payments.all()).annotate(
        rank=Case(
            When(~Q(fault=""), then=Value(0)),
            When(state__in=(PaymentState.RETURNED, PaymentState.UNKNOWN), then=Value(1)),
            When(state=PaymentState.VOID, then=Value(3)),
            default=Value(2),
        )
    )
    rows = rows.select_related("enterprise", "account", "award__version").order_by("rank", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(number)
    for payment in page.object_list:
        payment.fault_words = FAULTS.get(payment.fault, "")
    return page


def faults_of(batch: PaymentBatch) -> list[tuple[str, int]]:
    """How many lines have which fault, in words; empty when all may leave. One query."""
    counted = with_fault(batch.payments.filter(state=PaymentState.PREPARED)).order_by()
    rows = dict(counted.exclude(fault="").values_list("fault").annotate(Count("pk")))
    return [(str(words), rows[key]) for key, words in FAULTS.items() if key in rows]
