"""A list is drawn up by a run with its evidence, whole or not at all; who changed it does not confirm it."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.models import Whitelist, WhitelistEntry, WhitelistRun
from finance.tasks import draw_whitelist
from finance.whitelists import drawing, pushing, working
from finance.whitelists.drawing import Plan, draw_up, note_run
from finance.whitelists.evidence import allowed
from finance.whitelists.excluding import exclude, restore
from portal.accounts.roles import Role
from portal.kernel.digests import digest_of
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance import factories as products
from tests.finance.factories import office
from tests.finance.pools.factories import now, official
from tests.money.refusing import refused, told
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
BY_SIZE = {
    "all": [
        {"fact": "region", "op": "within", "value": ["500231"]},
        {
            "any": [
                {"fact": "ui_paid_months", "op": ">=", "value": 10},
                {"fact": "credentials", "op": "has_any", "value": ["high_tech"]},
            ]
        },
    ]
}


@pytest.fixture
def firms():
    made = EnterpriseFactory.create_batch(3)
    for firm in made:
        give_value(firm, "region", text="500231101")
        give_value(firm, "ui_paid_months", scaled=12)
    return made


@pytest.fixture
def plan(firms):
    rule = products.published(conditions=BY_SIZE).rule_version
    return Plan("名单", office(), rule, timezone.localdate())


@pytest.fixture
def editor():
    return official(Role.EDITOR)


def test_each_entry_says_why_with_value_source_and_day(plan, editor):
    entry = draw_up(plan, by=editor).entries.first()
    assert entry.digest == digest_of(entry.evidence)
    by_fact = {tuple(one["facts"]): one for one in entry.conditions}
    size = by_fact["ui_paid_months",]
    assert size["truth"] == "true"
    assert "12" in size["detail"]
    assert size["source"]
    assert size["as_of"] == "2025-06-30"
    assert by_fact[()]["kinds"] == ["high_tech"]
    assert by_fact[()]["spare"]


def test_what_was_recorded_since_changes_no_evidence(plan, editor, firms):
    run = note_run(plan, by=editor)
    give_value(firms[0], "ui_paid_months", scaled=3, as_of=dt.date(2025, 7, 31))
    drawing.work(run)
    kept = run.whitelist.entries.get(enterprise=firms[0])
    refused("finance_whitelistentry_stands", lambda: change(kept, evidence="{}"))
    refused("finance_whitelistentry_stands", lambda: change(kept, digest="x"))


def test_a_bank_is_shown_conditions_of_which_it_may_know_all():
    kept = [
        {"facts": ["region"], "kinds": []},
        {"facts": ["region", "revenue"], "kinds": []},
        {"facts": [], "kinds": ["high_tech"]},
        {"facts": [], "kinds": []},
    ]
    assert allowed(kept, ["region"], []) == kept[:1]
    assert allowed(kept, [], ["high_tech"]) == kept[2:3]
    assert allowed(kept, ["region", "revenue"], []) == kept[:2]


def test_one_run_at_a_time_by_the_same_rule(plan, editor):
    run = note_run(plan, by=editor)
    told("at_work", lambda: note_run(plan, by=editor))
    drawing.work(run)
    assert (run.state, run.done, run.total) == ("done", 3, 3)
    assert note_run(plan, by=editor)


def test_a_bell_rung_twice_draws_one_list(plan, editor):
    run = note_run(plan, by=editor)
    for _ in range(2):
        draw_whitelist(run.pk)
    assert Whitelist.objects.count() == 1


def test_a_killed_workers_run_begins_anew(plan, editor):
    run = note_run(plan, by=editor)
    run.start(3)
    run.report(2)
    draw_whitelist(run.pk)
    run.refresh_from_db()
    assert run.state == "done"
    assert run.whitelist.entries.count() == 3


def test_an_error_is_told_and_leaves_no_list(plan, editor, monkeypatch, caplog):
    run = note_run(plan, by=editor)
    monkeypatch.setattr(WhitelistEntry.objects, "bulk_create", lambda *_args, **_more: 1 / 0)
    draw_whitelist(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "程序错误" in run.error
    assert "stopped" in caplog.text
    assert not Whitelist.objects.exists()


def test_runs_that_wait_are_rung_for_and_those_of_yesterday_given_up(plan, editor, monkeypatch):
    rung = []
    monkeypatch.setattr(draw_whitelist, "delay", rung.append)
    run = note_run(plan, by=editor)
    assert working.ring_waiting(timezone.now()) == 0
    assert working.ring_waiting(timezone.now() + dt.timedelta(minutes=2)) == 1
    assert rung == [run.pk]
    assert working.ring_waiting(timezone.now() + dt.timedelta(days=2)) == 0
    run.refresh_from_db()
    assert run.state == "failed"
    assert note_run(plan, by=editor)


def test_too_many_are_refused_in_words(plan, editor, monkeypatch):
    monkeypatch.setattr(drawing, "MOST", 2)
    assert "有 3 家企业符合，超过 2 家" in str(told("not_drawn", lambda: draw_up(plan, by=editor)))


def test_who_changed_it_does_not_confirm_it(plan, editor):
    held = draw_up(plan, by=editor)
    both, entry = official(Role.REVIEWER), held.entries.first()
    exclude(entry, "已注销", by=both, at=now())
    restore(entry, "弄错了", by=both, at=now())
    told("own_hand", lambda: pushing.confirm(held, by=both, at=now()))
    signed = {"state": "confirmed", "confirmed_by_id": both.pk, "confirmed_at": now()}
    refused("finance_whitelist_other_eyes", lambda: change(held, **signed))
    pushing.confirm(held, by=official(Role.REVIEWER), at=now())


def test_changing_is_refused_in_words(plan, editor):
    entry = draw_up(plan, by=editor).entries.first()
    told("no_role", lambda: exclude(entry, "x", by=official(Role.LEADER), at=now()))
    told("no_reason", lambda: exclude(entry, " ", by=editor, at=now()))
    told("reason_long", lambda: exclude(entry, "长" * 201, by=editor, at=now()))
    told("so_already", lambda: restore(entry, "x", by=editor, at=now()))
    exclude(entry, "已注销", by=editor, at=now())
    told("so_already", lambda: exclude(entry, "x", by=editor, at=now()))


def test_what_a_run_looks_for_stands(plan, editor):
    run = note_run(plan, by=editor)
    refused("finance_whitelistrun_stands", lambda: change(run, title="x"))
    refused("finance_whitelistrun_stands", lambda: delete(run))
    refused("finance_whitelistrun_one_at_work", lambda: copy(run))
    run.start(1)
    refused("finance_whitelistrun_drawn", lambda: change(run, state="done", finished_at=now()))
    assert WhitelistRun.objects.get().state == "running"
