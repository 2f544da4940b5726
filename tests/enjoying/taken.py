"""Awards as runs give them, without a run's work: the lists that they were taken from are written whole.

An enterprise that has given no account gives one: nobody takes an offer without.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from policies.models import Award, EnjoyCandidate, EnjoyRun, PayeeAccount
from policies.models.enjoying.vocabulary import CandidateState, Place, RunState
from policies.money.awards import NewAward, make_awards
from portal.accounts.models import User
from portal.kernel.digests import digest_of
from tests.accounts.factories import UserFactory

C, R = CandidateState, RunState
BATCH = 1000


def grant(*wanted: NewAward, at: dt.datetime) -> list[Award]:
    """Make the awards, each taken from a list that two officials stood for."""
    with transaction.atomic():
        made = make_awards(wanted, by=None, at=at)
        lists: dict[tuple[int, int, int], list[Award]] = defaultdict(list)
        for award in made:
            lists[award.item_id, award.version_id, award.period].append(award)
        for awards in lists.values():
            _take(awards, at)
    return made


def _take(awards: Sequence[Award], at: dt.datetime) -> None:
    """One run of one item, version and year, from begun to closed."""
    first, (checking, confirming, taking) = awards[0], (UserFactory() for _number in range(3))
    accounts = _accounts(awards, taking, at)
    run = EnjoyRun.objects.create(
        item_id=first.item_id,
        version_id=first.version_id,
        period=first.period,
        as_of=at.date(),
        known_at=at,
        started_at=at,
    )
    rows = EnjoyCandidate.objects.bulk_create(
        (
            EnjoyCandidate(
                run=run,
                enterprise_id=award.enterprise_id,
                place=Place.IN,
                rank=rank,
                amount_fen=award.amount_fen,
                evidence={},
                digest=digest_of({}),
            )
            for rank, award in enumerate(awards, 1)
        ),
        batch_size=BATCH,
    )
    runs, listed = EnjoyRun.objects.filter(pk=run.pk), EnjoyCandidate.objects.filter(run=run)
    runs.update(state=R.LISTED, digest=digest_of({}))
    runs.update(state=R.PROPOSED, reviewed_by=checking, reviewed_at=at)
    runs.update(state=R.CONFIRMED, confirmed_by=confirming, confirmed_at=at)
    runs.update(state=R.OFFERED, offered_at=at, offer_until=at + dt.timedelta(days=1))
    listed.update(state=C.OFFERED, told_at=at)
    for row, award in zip(rows, awards, strict=True):
        row.state, row.told_at, row.answered_by, row.answered_at = C.ACCEPTED, at, taking, at
        row.account_id, row.award = accounts[award.enterprise_id], award
    said = ["state", "answered_by", "answered_at", "account", "award"]
    EnjoyCandidate.objects.bulk_update(rows, said, batch_size=BATCH)
    runs.update(state=R.CLOSED)


def _accounts(awards: Sequence[Award], by: User, at: dt.datetime) -> dict[int, int]:
    """By enterprise the id of the account in use."""
    named = {award.enterprise_id: award for award in awards}
    used = {one.enterprise_id: one.pk for one in PayeeAccount.objects.newest(named)}
    given = PayeeAccount.objects.bulk_create(
        PayeeAccount(
            enterprise_id=pk,
            holder=award.enterprise.name,
            bank="垫江农商行",
            number=f"6217{pk:012d}",
            given_by=by,
            given_at=at,
        )
        for pk, award in named.items()
        if pk not in used
    )
    return used | {one.enterprise_id: one.pk for one in given}
