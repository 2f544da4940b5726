"""What must hold when a run ends: the bank's books against ours, payment by payment, fen by fen."""

from collections import Counter, defaultdict
from typing import Any

from django.db.models import Count, Sum

from policies.models import (
    Award,
    BudgetLine,
    InstructionFile,
    MoneyInvariant,
    Payment,
    ReturnFile,
)
from policies.models.money.payment import LIVE
from policies.money.exchange.instructing import regenerated
from policies.money.reconciling import by_batch

OPEN = ("sent", "unknown")


def findings(entries: list[tuple[int, str, int]]) -> list[str]:
    """Everything that is wrong; `entries` are the bank's: payment, kind, amount."""
    return [*_bank(entries), *_payments(entries), *_books(), *_files()]


def tally() -> str:
    """How the payments stand, in a line."""
    states = Counter(dict(Payment.objects.order_by().values_list("state").annotate(Count("pk"))))
    files = Counter(dict(ReturnFile.objects.order_by().values_list("state").annotate(Count("pk"))))
    return f"payments {dict(states)}, return files {dict(files)}"


def open_payments() -> int:
    """How many have no answer."""
    return Payment.objects.filter(state__in=OPEN).count()


def _bank(entries: list[tuple[int, str, int]]) -> list[str]:
    twice = [
        key for key, count in Counter((payment, kind) for payment, kind, _fen in entries).items() if count > 1
    ]
    return [f"the bank did {kind} of payment {payment} twice" for payment, kind in twice]


def _payments(entries: list[tuple[int, str, int]]) -> list[str]:
    """Our state is the bank's last word, or open; its amounts are ours; no award is paid twice."""
    kinds: dict[int, list[str]] = defaultdict(list)
    amounts: dict[int, int] = {}
    for payment, kind, fen in entries:
        kinds[payment].append(kind)
        amounts[payment] = fen
    wrong = []
    paid: Counter[int] = Counter()
    for row in Payment.objects.values("pk", "state", "amount_fen", "award"):
        last = kinds.get(row["pk"], [""])[-1]
        if row["state"] not in OPEN and row["state"] != last and (row["state"], last) != ("prepared", ""):
            wrong.append(f"payment {row['pk']} is {row['state']}, the bank says {last or 'nothing'}")
        if last and amounts[row["pk"]] != row["amount_fen"]:
            wrong.append(
                f"payment {row['pk']} is {row['amount_fen']} fen, the bank moved {amounts[row['pk']]}"
            )
        paid[row["award"]] += last == "paid"
    wrong += [f"award {award} was paid {count} times" for award, count in paid.items() if count > 1]
    wrong += [f"award {award} was not paid" for award in sorted(paid.keys() - +paid)]
    strangers = kinds.keys() - set(Payment.objects.values_list("pk", flat=True))
    return wrong + [f"the bank paid {payment}, which we do not know" for payment in sorted(strangers)]


def _books() -> list[str]:
    wrong = [
        f"{one.name}: {one.broken} ({one.detail})" for one in MoneyInvariant.objects.filter(broken__gt=0)
    ]
    for line in BudgetLine.objects.all():
        rows: Any = Payment.objects.filter(line=line)
        paid = rows.filter(state="paid").aggregate(fen=Sum("amount_fen", default=0))["fen"]
        reserved = rows.filter(state__in=OPEN).aggregate(fen=Sum("amount_fen", default=0))["fen"]
        if (line.paid_fen, line.reserved_fen) != (paid, reserved):
            found = f"paid {line.paid_fen} for {paid}, reserved {line.reserved_fen} for {reserved}"
            wrong.append(f"line {line.code}: {found}")
    doubled = (
        Award.objects.filter(payments__state__in=LIVE).annotate(live=Count("payments")).filter(live__gt=1)
    )
    wrong += [f"award {award.pk} has {award.live} live payments" for award in doubled]
    return wrong + [
        f"batch {row.batch} differs: {row.ours} / {row.theirs}" for row in by_batch() if row.differs
    ]


def _files() -> list[str]:
    wrong = [f"{file} was never delivered" for file in InstructionFile.objects.filter(delivered_at=None)]
    for file in InstructionFile.objects.select_related("batch"):
        if regenerated(file) != bytes(file.content):
            wrong.append(f"{file} does not regenerate")
    received = ReturnFile.objects.filter(state="received").count()
    return wrong + ([f"{received} return files were never judged"] if received else [])
