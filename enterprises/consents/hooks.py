"""Where the apps above listen: whom of a grantee to tell, and that a consent has been revoked.

    @recipients(GranteeKind.BANK)
    def officers(consent): ...  # yields (mailbox id, path of the page where they see it)

`revoked` is sent within the transaction that revokes or closes, with `consent` and `at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from django.dispatch import Signal

from enterprises.models import Consent

Recipients = Callable[[Consent], Iterable[tuple[int, str]]]
revoked: Final = Signal()
_recipients: dict[str, Recipients] = {}


def recipients(kind: str) -> Callable[[Recipients], Recipients]:
    """Register who of grantees of a kind is told; one function a kind, the last one counts."""

    def register(function: Recipients) -> Recipients:
        _recipients[kind] = function
        return function

    return register


def told_of(consent: Consent) -> dict[int, str]:
    """Mailboxes of the grantee's people, each with the path of their page; none while nobody was assigned."""
    known = _recipients.get(consent.grantee.kind) if consent.grantee else None
    return dict(known(consent)) if known else {}
