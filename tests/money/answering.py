"""What the treasury answers to an instruction file, put where the portal finds it."""

from django.utils import timezone

from policies.models import MoneyInvariant, Payment
from policies.money import collecting
from policies.money.exchange import folders
from portal.embedded.treasury import papers


def answers_to(file, outcome="paid", start=1, day=None):
    """A line for each payment of the file, as the treasury would write it."""
    orders = papers.read(bytes(file.content)).orders
    return [
        papers.Answer(
            f"YK{start + place:010d}",
            order.payment,
            order.account,
            order.amount,
            outcome,
            (day or timezone.localdate()).isoformat(),
            "账户已销户" if outcome == "returned" else "",
        )
        for place, order in enumerate(orders)
    ]


def written(file, answers, number="HD-1", form="csv", instruction=None):
    envelope = papers.Envelope(number, instruction or file.number, timezone.localdate(), form)
    return papers.write(envelope, answers)


def put(inbox, content, name="HD-1.csv"):
    folders.put(inbox, name, content)
    return collecting.collect(timezone.now())


def states():
    return sorted(Payment.objects.values_list("state", flat=True))


def nothing_is_broken():
    assert not MoneyInvariant.objects.filter(broken__gt=0)
