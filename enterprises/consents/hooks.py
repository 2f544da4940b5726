"""Where the apps above listen: whom of a grantee to tell, what follows when a consent ends, and that it has.

    @recipients(GranteeKind.BANK)
    def officers(consent): ...  # yields (mailbox id, path of the page where they see it)

    @consequences(GranteeKind.BANK)
    def for_loan(consent): ...  # what a revocation would mean, or None

`revoking` is sent in the transaction that is going to revoke, before the consent is locked: what it was given
for is locked then, as it is by whoever closes. `revoked` is sent within the transaction that has revoked or
closed, with `consent` and `at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from django.dispatch import Signal

from enterprises.models import Consent


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a revocation would mean, in sentences; and where what it was given for is taken back whole."""

    sentences: tuple[str, ...]
    url: str
    label: str


Recipients = Callable[[Consent], Iterable[tuple[int, str]]]
Consequences = Callable[[Consent], Aftermath | None]
revoking: Final = Signal()
revoked: Final = Signal()
_recipients: dict[str, Recipients] = {}
_consequences: dict[str, Consequences] = {}


def recipients(kind: str) -> Callable[[Recipients], Recipients]:
    """Register who of grantees of a kind is told; one function a kind, the last one counts."""

    def register(function: Recipients) -> Recipients:
        _recipients[kind] = function
        return function

    return register


def consequences(kind: str) -> Callable[[Consequences], Consequences]:
    """Register what follows for what consents to a kind are given for; one function a kind."""

    def register(function: Consequences) -> Consequences:
        _consequences[kind] = function
        return function

    return register


def told_of(consent: Consent) -> dict[int, str]:
    """Mailboxes of the grantee's people, each with the path of their page; none while nobody was assigned."""
    known = _recipients.get(consent.grantee.kind) if consent.grantee else None
    return dict(known(consent)) if known else {}


def aftermath_of(consent: Consent) -> Aftermath | None:
    """What its revocation would mean; None where nothing waits for it."""
    known = _consequences.get(consent.grantee.kind if consent.grantee else consent.open_to)
    return known(consent) if known else None
