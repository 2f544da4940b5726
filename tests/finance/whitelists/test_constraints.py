"""What the database refuses of whitelists, whoever writes."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from django.utils import timezone

from finance.models import Whitelist, WhitelistReturn, WhitelistRun
from finance.whitelists.drawing import Plan, note_run
from portal.accounts.roles import Role
from tests.databases import needs_two_roles
from tests.finance import factories as products
from tests.finance.factories import BankFactory, BankOfficerFactory, office
from tests.finance.pools.factories import official
from tests.finance.whitelists.factories import drawn_list, pushed_list
from tests.money.refusing import denied, refused, run
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
ABC: Final = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def changed(what: Callable[[], Any], **values: Any) -> Callable[[], None]:
    """A row, changed."""
    return lambda: change(what(), **values)


def copied(what: Callable[[], Any], **values: Any) -> Callable[[], None]:
    """A copy of a row, with other values in some columns."""
    return lambda: copy(what(), **values)


def entry() -> Any:
    return drawn_list().entries.first()


def begun(state: str = "queued") -> WhitelistRun:
    """A run that stands in the queue, or is at work."""
    rule = products.published().rule_version
    made = note_run(Plan("名单", office(), rule, timezone.localdate()), by=official(Role.EDITOR))
    if state != "queued":
        change(made, state=state, started_at=timezone.now())
    return made


def again(made: WhitelistRun, **values: Any) -> None:
    """A second run, by another rule."""
    copy(made, **{"rule_version_id": products.published().rule_version_id} | values)


def of_one_list() -> None:
    listed, second = drawn_list(), begun("running")
    change(second, state="done", finished_at="now", whitelist_id=listed.pk)


def brought(**values: Any) -> WhitelistReturn:
    """A file of results, past the service."""
    post = BankOfficerFactory()
    given = {"name": "结果.xlsx", "content": b"abc", "sha256": ABC, "received_at": timezone.now()}
    listed = pushed_list(post.bank)
    return WhitelistReturn.objects.create(whitelist=listed, bank=post.bank, by=post.user, **given | values)


def booked() -> WhitelistReturn:
    made = brought()
    change(made, state="booked")
    return made


CASES: Final[list[tuple[str, Callable[[], object]]]] = [
    ("finance_whitelist_titled", copied(drawn_list, title="")),
    ("finance_whitelist_signed", changed(drawn_list, state="confirmed")),
    ("finance_whitelist_state_transitions INSERT", copied(drawn_list, state="closed")),
    ("finance_whitelist_state_transitions UPDATE", changed(drawn_list, state="pushed", pushed_at="now")),
    ("finance_whitelist_state_transitions DELETE", lambda: delete(pushed_list(BankFactory()))),
    ("finance_whitelistentry_once", copied(entry)),
    ("finance_whitelistentry_excluded", changed(entry, excluded="已注销")),
    ("finance_whitelistrun_whitelist_id_key", of_one_list),
    ("finance_whitelistrun_done_within_total", changed(begun, done=1)),
    ("finance_whitelistrun_started", changed(begun, state="running")),
    ("finance_whitelistrun_finished", changed(lambda: begun("running"), state="failed")),
    (
        "finance_whitelistrun_state_transitions INSERT",
        lambda: again(begun(), state="running", started_at="now"),
    ),
    (
        "finance_whitelistrun_state_transitions UPDATE",
        changed(begun, state="failed", started_at="now", finished_at="now"),
    ),
    ("finance_whitelistreturn_state_transitions INSERT", lambda: brought(state="booked")),
    ("finance_whitelistreturn_state_transitions UPDATE", changed(booked, state="received")),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=[name for name, _provoke in CASES])
def test_the_database_refuses(constraint: str, provoke: Callable[[], object]) -> None:
    refused(constraint.partition(" ")[0], provoke)


def test_a_draft_that_was_never_confirmed_may_end() -> None:
    listed = drawn_list()
    change(listed, state="closed")
    assert Whitelist.objects.get().state == "closed"


@needs_two_roles
@pytest.mark.parametrize("table", ["whitelistevent", "whitelistreturnevent"])
@pytest.mark.parametrize(
    "statement", ["UPDATE finance_{} SET id = id", "DELETE FROM finance_{}"], ids=["UPDATE", "DELETE"]
)
def test_what_is_written_stands(table: str, statement: str) -> None:
    denied(lambda: run(statement.format(table)))
