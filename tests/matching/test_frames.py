"""The columns a process keeps: what others commit arrives, what is rolled back does not."""

import datetime as dt
import re
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enterprises.catalogue import Tier
from enterprises.models import Credential, CredentialKind, Enterprise, Fact, Status
from matching.batch import frames
from matching.batch.columns import INAPPLICABLE, PRESENT, UNKNOWN, Column
from matching.batch.frame import Frame
from matching.batch.frames import frame_for, frame_knowing, frame_of_ids
from matching.plain.evaluate import Verdict
from matching.services import judge, match_versions, new_run
from portal.accounts.models import Department
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.matching.factories import published

pytestmark = pytest.mark.django_db(transaction=True)

DAY = dt.date(2026, 6, 15)


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    frames.forget()
    yield
    frames.forget()


@pytest.fixture
def firms() -> list[Enterprise]:
    """Thirty firms, so that one or two changes are few."""
    return EnterpriseFactory.create_batch(30)


def revenue(frame: Frame, enterprise: Enterprise, year: int = 2025) -> int | None:
    """What the frame says; None where nothing is known."""
    column = frame.value("revenue", year)
    row = int(np.searchsorted(frame.ids, enterprise.pk))
    assert frame.ids[row] == enterprise.pk
    return int(column.values[row]) if column.state[row] == PRESENT else None


def give(enterprise: Enterprise, fen: int, year: int = 2025) -> None:
    give_value(enterprise, "revenue", period=year, scaled=fen, as_of=DAY)


def certify(enterprise: Enterprise, kind: str, **said: Any) -> None:
    Credential.objects.create(
        enterprise=enterprise,
        kind=CredentialKind.objects.get(key=kind),
        tier=Tier.OFFICIAL,
        department=Department.objects.first(),
        as_of=DAY,
        **said,
    )


def held(frame: Frame, kind: str) -> list[int]:
    """Rows whose certificate of a kind stands on the day."""
    found = frame.credentials.of_kind(kind)
    return sorted(found.rows[found.held_on(DAY.toordinal())].tolist())


def test_what_was_committed_arrives_and_the_rest_stays_loaded(firms: list[Enterprise]) -> None:
    give(firms[0], 100)
    first = frame_for(DAY)
    assert revenue(first, firms[0]) == 100
    give(firms[1], 200)
    give(firms[0], 101)
    second = frame_for(DAY)
    assert [revenue(second, firm) for firm in firms[:3]] == [101, 200, None]
    assert second.ids is first.ids, "everything was read anew for two enterprises"
    assert revenue(first, firms[0]) == 100, "a frame in use changes under its user"
    assert frame_for(DAY) is second


def test_a_new_year_and_a_new_label_arrive(firms: list[Enterprise]) -> None:
    give_value(firms[0], "region", text="500231101", as_of=DAY)
    frame = frame_for(DAY)
    assert frame.value("region").labels == ("500231101",)
    give_value(firms[1], "region", text="500231102", as_of=DAY)
    give(firms[1], 7, year=2019)
    frame = frame_for(DAY)
    column = frame.value("region")
    assert [column.labels[value] for value in column.values[:2]] == ["500231101", "500231102"]  # type: ignore[index]
    assert revenue(frame, firms[1], 2019) == 7


def test_a_value_that_becomes_inapplicable_is_no_figure_any_more(firms: list[Enterprise]) -> None:
    give(firms[0], 100)
    frame_for(DAY).need({"revenue"})
    give_value(firms[0], "revenue", period=2025, not_applicable=True, as_of=DAY)
    assert frame_for(DAY).value("revenue", 2025).state.tolist() == [INAPPLICABLE] + [UNKNOWN] * 29


def test_a_withdrawn_value_is_unknown(firms: list[Enterprise]) -> None:
    give(firms[0], 100)
    give_value(firms[1], "region", text="500231101", as_of=DAY)
    frame_for(DAY).need({"revenue", "region"})
    give_value(firms[0], "revenue", period=2025, withdrawn=True, as_of=DAY)
    give_value(firms[1], "region", withdrawn=True, as_of=DAY)
    for frame in (frame_for(DAY), frame_of_ids([firm.pk for firm in firms], DAY)):
        assert not frame.value("revenue", 2025).state.any()
        assert not frame.value("region").state.any()


def test_credentials_arrive(firms: list[Enterprise]) -> None:
    assert len(frame_for(DAY).credentials.rows) == 0
    certify(firms[3], "high_tech")
    assert frame_for(DAY).credentials.of_kind("high_tech").rows.tolist() == [3]


def whole_reads(asked: CaptureQueriesContext, *firms: Enterprise) -> list[str]:
    """Of the queries for values, their labels and certificates, those not confined to these enterprises."""
    told = [query["sql"] for query in asked.captured_queries]
    read = [sql.decode() if isinstance(sql, bytes) else sql for sql in told]  # COPY is told in bytes
    read = [sql for sql in read if re.search("FROM enterprises_(factvalue|credential) ", sql)]
    assert len(read) == 3
    confined = f"enterprise_id = ANY(ARRAY[{','.join(str(firm.pk) for firm in firms)}])"
    return [sql for sql in read if confined not in sql]


def test_changed_enterprises_are_read_alone(firms: list[Enterprise]) -> None:
    for firm in firms:
        give_value(firm, "region", text="500231101", as_of=DAY)
        certify(firm, "high_tech")
    frame = frame_for(DAY)
    frame.need({"region"})
    assert held(frame, "high_tech") == list(range(30))
    certify(firms[3], "specialized_sme")
    certify(firms[3], "high_tech", revoked=True)
    certify(firms[5], "specialized_sme")
    give_value(firms[5], "region", text="500231102", as_of=DAY)
    with CaptureQueriesContext(connection) as asked:
        frame = frame_for(DAY)
        assert held(frame, "specialized_sme") == [3, 5]
    assert whole_reads(asked, firms[3], firms[5]) == []
    assert held(frame, "high_tech") == [row for row in range(30) if row != 3]
    region = frame.value("region")
    assert [region.labels[value] for value in region.values[4:6]] == ["500231101", "500231102"]  # type: ignore[index]


def test_some_enterprises_are_read_alone(firms: list[Enterprise]) -> None:
    for firm in firms:
        give_value(firm, "region", text="500231101", as_of=DAY)
        certify(firm, "high_tech")
    with CaptureQueriesContext(connection) as asked:
        frame = frame_of_ids([firms[4].pk], DAY)
        assert frame.value("region").labels == ("500231101",)
        assert held(frame, "high_tech") == [0]
    assert whole_reads(asked, firms[4]) == []


def test_new_and_closed_enterprises_come_and_go(firms: list[Enterprise]) -> None:
    frame_for(DAY)
    new = EnterpriseFactory()
    Enterprise.objects.filter(pk=firms[0].pk).update(status=Status.CANCELLED)
    Enterprise.objects.filter(pk=firms[1].pk).update(uscc_confirmed=False)
    assert frame_for(DAY).ids.tolist() == [firm.pk for firm in firms[2:]] + [new.pk]


def test_a_change_of_the_catalogue_is_seen(firms: list[Enterprise]) -> None:
    give_value(firms[0], "revenue", period=2025, scaled=1, as_of=DAY - dt.timedelta(days=400))
    assert revenue(frame_for(DAY), firms[0]) == 1
    Fact.objects.filter(key="revenue").update(fresh_days=399)
    assert revenue(frame_for(DAY), firms[0]) is None


def test_what_is_rolled_back_is_seen_inside_only(firms: list[Enterprise]) -> None:
    frame_for(DAY).need({"revenue"})
    with transaction.atomic():
        give(firms[0], 100)
        assert revenue(frame_for(DAY), firms[0]) == 100
        transaction.set_rollback(True)
    assert revenue(frame_for(DAY), firms[0]) is None


def test_a_transaction_that_began_early_and_commits_late_is_not_missed(firms: list[Enterprise]) -> None:
    written, seen = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            give(firms[0], 100)
            written.set()
            assert seen.wait(20)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    assert written.wait(20)
    give(firms[1], 200)
    frame = frame_for(DAY)
    assert [revenue(frame, firm) for firm in firms[:2]] == [None, 200]
    seen.set()
    thread.join()
    assert [revenue(frame_for(DAY), firm) for firm in firms[:2]] == [100, 200]


def test_a_run_does_not_know_what_began_before_it_and_is_committed_after(firms: list[Enterprise]) -> None:
    version = published(conditions={"fact": "revenue", "op": "known", "period": "2025"}, amount=None)
    written, made = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            give(firms[0], 100)
            written.set()
            assert made.wait(20)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    assert written.wait(20)
    run = new_run("晚到的数据", as_of=DAY, version=version)

    def eligible() -> list[int]:
        [(_version, matches)] = match_versions([version], as_of=run.as_of, known_at=run.known_at)
        return [match.enterprise_id for match in matches if match.eligible]

    before = eligible()
    made.set()
    thread.join()
    assert eligible() == before == []
    assert judge(version, firms[0].pk, as_of=DAY, known_at=run.known_at).verdict is not Verdict.ELIGIBLE
    run = new_run("下一次", as_of=DAY, version=version)
    assert eligible() == [firms[0].pk]


def test_days_and_purposes_have_frames_of_their_own(firms: list[Enterprise]) -> None:
    give(firms[0], 100)
    assert revenue(frame_for(DAY), firms[0]) == 100
    assert revenue(frame_for(DAY - dt.timedelta(days=1)), firms[0]) is None
    assert revenue(frame_for(DAY, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)), firms[0]) is None
    assert len(frames._kept) == frames._KEPT


def test_a_run_of_a_moment_ago_shares_the_frame_of_now_unless_something_was_recorded(
    firms: list[Enterprise],
) -> None:
    give(firms[0], 100)
    moment = timezone.now()
    shared = frame_knowing({"revenue"}, DAY, moment)
    assert shared is frame_for(DAY)
    assert revenue(shared, firms[0]) == 100
    give(firms[0], 200)
    then = frame_knowing({"revenue"}, DAY, moment)
    assert (revenue(then, firms[0]), revenue(frame_for(DAY), firms[0])) == (100, 200)


def test_a_certificate_recorded_since_is_not_known_a_moment_ago(firms: list[Enterprise]) -> None:
    moment = timezone.now()
    frame_for(DAY).need({"revenue"})
    certify(firms[3], "high_tech")
    assert len(frame_knowing(set(), DAY, moment).credentials.rows) == 0
    assert len(frame_knowing(set(), DAY, timezone.now()).credentials.rows) == 1


def test_some_enterprises_only_whatever_their_status(firms: list[Enterprise]) -> None:
    give(firms[2], 100)
    give(firms[5], 200)
    Enterprise.objects.filter(pk=firms[5].pk).update(status=Status.CANCELLED)
    frame = frame_of_ids([firms[5].pk, firms[2].pk, firms[5].pk], DAY)
    assert frame.ids.tolist() == [firms[2].pk, firms[5].pk]
    assert [revenue(frame, firm) for firm in (firms[2], firms[5])] == [100, 200]


def test_no_enterprise_at_all_is_no_error() -> None:
    frame = frame_for(DAY)
    assert len(frame) == 0
    assert len(frame.value("revenue", 2025).values) == 0
    assert len(frame.credentials.rows) == 0
    assert isinstance(frame.latest("revenue_growth", 2025), Column)
