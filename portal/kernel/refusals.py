"""What the database refuses, in words that people can act on: somebody was faster, or nobody foresaw it.

told = partial(telling, {"shop_order_once": ("ordered", _("…"))})

with told():
    Order.objects.create(…)
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

from django.db import IntegrityError, connection, transaction
from django.utils.functional import Promise

from portal.kernel.errors import DomainError

Words = Mapping[str, tuple[str, str | Promise]]
"""By the name of a constraint: the code of a DomainError, and what it says."""


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that refused, or nothing."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


@contextmanager
def telling(words: Words, *, one_statement: bool = False) -> Iterator[None]:
    """All or nothing; what is refused under one of these names is raised as a DomainError.

    What is `one_statement` is all or nothing by itself: outside of a transaction it commits at once, and
    nobody waits for the way of a COMMIT to the database while a row is locked.
    """
    alone = one_statement and not connection.in_atomic_block
    try:
        with nullcontext() if alone else transaction.atomic():
            yield
    except IntegrityError as error:
        name = constraint_of(error)
        if name not in words:
            raise
        code, said = words[name]
        raise DomainError(said, code=code) from error
