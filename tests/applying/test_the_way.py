"""The way of an application from draft to decision, and who may lead it along."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.models import FactValue
from policies.applying import drafts, files, sending
from policies.models import Application
from policies.reviewing import deciding, intake, opinions
from policies.reviewing.deciding import Proposal
from policies.reviewing.intake import Point
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.outbox import deliver
from tests.accounts.factories import PostingFactory, UserFactory
from tests.applying import factories as make
from tests.applying.factories import now
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db
WAN = 1_000_000


def refused_with(code):
    return pytest.raises(DomainError, match=r".+", check=lambda error: error.code == code)


def names_of(application):
    return list(application.events.values_list("name", flat=True))


def test_the_whole_way_to_money():
    application, notice = make.noticed()
    boss = make.leader()
    with refused_with("notice_runs"):
        deciding.approve(application, by=boss, at=notice.closes_at - dt.timedelta(seconds=1))
    deciding.approve(application, by=boss, at=notice.closes_at)
    assert (application.state, application.amount_fen) == ("approved", 20 * WAN)
    assert names_of(application) == ["submit", "accept", "propose", "notice", "approve"]
    assert not application.clocks.filter(met_at=None).exists()
    deliver()
    titles = list(application.enterprise.mailbox.messages.order_by("pk").values_list("title", flat=True))
    assert titles[0] == "申报已提交，我们会尽快受理"
    assert titles[-1] == "申报已通过，核定 20 万元"


class TestSending:
    def test_all_that_is_missing_is_told_at_once(self):
        application = make.drafted()
        with refused_with("incomplete") as told:
            sending.send(application, make.actor_for(application), at=now())
        assert len(str(told.value).splitlines()) == 3  # investment, employees, invoice
        assert Application.objects.get(pk=application.pk).state == "draft"

    def test_what_was_judged_is_frozen_and_what_was_said_is_known(self):
        application = make.filled()
        evidence = sending.send(application, make.actor_for(application), at=now())
        assert (evidence.verdict, evidence.amount_low, evidence.amount_high) == (
            "eligible",
            20 * WAN,
            20 * WAN,
        )
        files = [one["files"] for one in evidence.content["materials"] if one["wanted"]]
        assert files[0][0]["digest"] == application.files.get().digest
        said = FactValue.objects.get(enterprise=application.enterprise, fact__key="employees")
        assert (said.scaled, said.tier) == (20, 1)

    def test_twice_is_once(self):
        application = make.sent()
        with refused_with("sent"):
            sending.send(application, make.actor_for(application), at=now())
        assert application.evidence.count() == 1

    def test_what_fails_wants_a_reason(self):
        application = make.filled(equipment_invest="50")
        actor = make.actor_for(application)
        with refused_with("ineligible"):
            sending.send(application, actor, at=now())
        sending.send(application, actor, at=now(), insisting="发票尚未到齐，实际投资 120 万元")
        assert application.events.get().comment.startswith("发票尚未到齐")

    def test_a_window_that_closed_while_the_form_was_open(self):
        today = timezone.localdate()
        application = make.filled(make.version(window_to=today))
        tomorrow = now() + dt.timedelta(days=1)
        with refused_with("window_closed"):
            sending.send(application, make.actor_for(application), at=tomorrow)
        assert Application.objects.get(pk=application.pk).answers["equipment_invest"] == "200"

    @pytest.mark.parametrize("answer", ["abc", "-5", "1e400", "２００ 万吨"])
    def test_an_answer_that_is_none(self, answer):
        application = make.filled(equipment_invest=answer)
        with refused_with("incomplete"):
            sending.send(application, make.actor_for(application), at=now())


class TestDrafts:
    def test_starting_again_leads_to_the_same_draft(self):
        application = make.drafted()
        again = drafts.start(make.actor_for(application), application.version, at=now())
        assert again == application

    def test_what_is_judged_today_is_not_sent_as_last_years(self):
        application = make.filled()
        year = application.period
        Application.objects.filter(pk=application.pk).update(period=year - 1)
        sending.send(application, make.actor_for(application), at=now())
        assert application.period == application.evidence.get().content["period"] == year

    def test_a_draft_of_last_year_is_no_second_one_of_this(self):
        old = make.filled()
        Application.objects.filter(pk=old.pk).update(period=old.period - 1)
        old.refresh_from_db()
        drafts.start(make.actor_for(old), old.version, at=now())
        with refused_with("alive"):
            sending.send(old, make.actor_for(old), at=now())
        with refused_with("alive"):
            drafts.move_to(old, old.version, timezone.localdate())
        assert Application.objects.get(pk=old.pk).state == "draft"

    def test_a_stale_page_saves_nothing_over_anothers_words(self):
        application = make.drafted()
        before = application.revision
        first, other = (drafts.Saving({"equipment_invest": text}) for text in ("200", "900"))
        drafts.save(application, first, revision=before, by=None, at=now())
        with refused_with("stale"):
            drafts.save(application, other, revision=before, by=None, at=now())
        assert Application.objects.get(pk=application.pk).answers == {"equipment_invest": "200"}

    def test_the_same_words_again_pass(self):
        application = make.drafted()
        saving, before = drafts.Saving({"equipment_invest": "200"}), application.revision
        first = drafts.save(application, saving, revision=before, by=None, at=now())
        assert drafts.save(application, saving, revision=before, by=None, at=now()) == first

    def test_what_is_kept_has_a_bound_however_often_it_is_saved(self):
        application = make.drafted()

        def keep(**said):
            drafts.save(application, drafts.Saving(**said), revision=application.revision, by=None, at=now())
            application.refresh_from_db()

        keep(answers={f"a{number}": "x" for number in range(150)})
        keep(notes={f"n{number}": "x" for number in range(50)})
        with refused_with("too_many") as told:
            keep(answers={"one": "too many"})
        assert "200 项" in str(told.value)
        keep(answers={"a0": "y"})
        with refused_with("too_many"):
            keep(answers={f"a{number}": "长" * 500 for number in range(100)})
        assert application.answers["a1"] == "x"

    def test_a_long_answer_does_not_hide_behind_a_note_of_the_same_name(self):
        application = make.drafted()
        saving = drafts.Saving(answers={"x": "长" * 501}, notes={"x": ""})
        with refused_with("too_long"):
            drafts.save(application, saving, revision=application.revision, by=None, at=now())

    def test_a_key_starts_one_application_and_no_other(self):
        actor, first = make.applicant(), make.version()
        started = drafts.start(actor, first, at=now(), key="k")
        assert drafts.start(actor, first, at=now(), key="k") == started
        with refused_with("key_reused"):
            drafts.start(actor, make.version(), at=now(), key="k")

    def test_a_draft_goes_with_its_files(self):
        application = make.filled()
        drafts.discard(application)
        assert not Application.objects.exists()

    def test_what_was_sent_is_not_thrown_away(self):
        with refused_with("stale"):
            drafts.discard(make.sent())


class TestAmending:
    def test_the_list_is_given_once(self):
        application = make.returned()
        actor = make.actor_for(application)
        with refused_with("incomplete"):
            sending.send(application, actor, at=now())
        files.attach(application, "设备发票", make.pdf(more=b"x"), by=actor.user)
        sending.send(application, actor, at=now())
        assert application.evidence.count() == 2
        more = [Point("other", "", "再补一份说明", "忘了")]
        with refused_with("once_only"):
            intake.give_back(application, more, by=make.reviewer(), at=now())
        intake.give_back(application, more, by=make.reviewer(), at=now(), allowed_by=make.leader())
        assert application.state == "returned"

    def test_the_clock_of_reviewing_stands_still(self):
        application = make.reviewing()
        make.returned(application, by=application.reviewer)
        clock = application.clocks.get(target="review")
        assert clock.paused_at is not None


class TestJointReview:
    def test_departments_are_heard_in_parallel_and_silence_is_no_answer(self):
        application = make.reviewing()
        tax, finance = (Department.objects.get(code=code) for code in ("tax", "finance"))
        asked = opinions.consult(
            application, {tax: "核发票", finance: "核重复享受"}, by=application.reviewer, at=now()
        )
        opinions.give(asked[0], "agree", "", by=make.reviewer(tax), at=now())
        application.refresh_from_db()
        assert application.state == "joint"
        with refused_with("no_role"):
            opinions.give(asked[1], "agree", "", by=make.reviewer(tax), at=now())
        opinions.give(asked[1], "object", "去年已享受", by=make.reviewer(finance), at=now())
        application.refresh_from_db()
        assert application.state == "reviewing"
        assert not application.clocks.filter(target="opinion", met_at=None).exists()

    def test_a_leader_may_stop_waiting(self):
        application = make.reviewing()
        tax = Department.objects.get(code="tax")
        (asked,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        with refused_with("no_role"):
            opinions.recall(asked, "等了两周", by=application.reviewer, at=now())
        opinions.recall(asked, "等了两周", by=make.leader(), at=now())
        application.refresh_from_db()
        assert application.state == "reviewing"
        with refused_with("given"):
            opinions.give(asked, "agree", "", by=make.reviewer(tax), at=now())
        with refused_with("given"):
            opinions.recall(asked, "再等", by=make.leader(), at=now())

    def test_who_let_others_wait_too_long_was_late_also_when_nobody_waits_any_more(self):
        application = make.reviewing()
        tax = Department.objects.get(code="tax")
        (asked,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
        due = asked.clocks.get().due_at
        opinions.recall(asked, "超期未复", by=make.leader(), at=due + dt.timedelta(hours=1))
        clock = application.clocks.get(target="opinion")
        assert (clock.opinion, clock.breached_at) == (asked, due)
        assert asked.question == "核发票"
        later = due + dt.timedelta(hours=2)
        again = opinions.consult(application, {tax: "再核"}, by=application.reviewer, at=later)
        assert [one.is_awaited for one in (asked, *again)] == [False, True]


def unbounded(by=None):
    """Proposed at 70 万元, where a condition failed when it was sent and the rule names no most."""
    amount = {"rate": "10%", "of": {"fact": "equipment_invest"}}
    application = make.filled(make.version(rule_amount=amount), equipment_invest="50")
    sending.send(application, make.actor_for(application), at=now(), insisting="发票未到齐")
    by = by or make.reviewer()
    intake.accept(application, by=by, at=now())
    deciding.propose(application, Proposal("approve", 70 * WAN, reason="发票已补齐"), by=by, at=now())
    return application


class TestDeciding:
    def test_nobody_decides_on_the_own_proposal(self):
        application = make.proposed("refuse")
        with refused_with("four_eyes"):
            deciding.refuse(application, by=application.proposed_by, at=now())
        deciding.refuse(application, by=make.leader(), at=now())
        assert application.state == "refused"

    def test_money_is_put_on_the_notice_first(self):
        with refused_with("notice_first"):
            deciding.approve(make.proposed(), by=make.leader(), at=now())

    def test_an_amount_beyond_what_was_judged_is_refused(self):
        application = make.reviewing()
        with refused_with("amount_over"):
            deciding.propose(
                application, Proposal("approve", 20 * WAN + 1), by=application.reviewer, at=now()
            )

    def test_what_failed_when_it_was_sent_is_approved_with_a_reason_alone(self):
        application = make.filled(equipment_invest="50")
        sending.send(application, make.actor_for(application), at=now(), insisting="发票未到齐")
        by = make.reviewer()
        intake.accept(application, by=by, at=now())
        with refused_with("ineligible"):
            deciding.propose(application, Proposal("approve", 5 * WAN, reason=" "), by=by, at=now())
        deciding.propose(application, Proposal("approve", 5 * WAN, reason="发票已补齐"), by=by, at=now())

    def test_what_failed_when_it_was_sent_gets_no_more_than_the_item_gives_anybody(self):
        application = make.filled(equipment_invest="50")
        sending.send(application, make.actor_for(application), at=now(), insisting="发票未到齐")
        by = make.reviewer()
        intake.accept(application, by=by, at=now())
        with refused_with("amount_over") as told:
            deciding.propose(application, Proposal("approve", 50 * WAN + 1, reason="已补齐"), by=by, at=now())
        assert "50 万元" in str(told.value)
        deciding.propose(application, Proposal("approve", 50 * WAN, reason="已补齐"), by=by, at=now())

    def test_what_no_rule_bounds_a_leader_signs_before_anybody_reads_it(self):
        application = unbounded()
        boss = make.leader()
        with refused_with("countersign_first"):
            deciding.post_notice(application, by=boss, at=now())
        for who, code in ((application.reviewer, "no_role"), (make.reviewer(), "no_role")):
            with refused_with(code):
                deciding.countersign(application, "补过", by=who, at=now())
        with refused_with("no_reason"):
            deciding.countersign(application, " ", by=boss, at=now())
        deciding.countersign(application, "发票合计 700 万元，按一成", by=boss, at=now())
        with refused_with("not_wanted"):
            deciding.countersign(application, "再签", by=make.leader(), at=now())
        notice = deciding.post_notice(application, by=boss, at=now())
        deciding.approve(application, by=boss, at=notice.closes_at)
        assert application.events.filter(name="countersign").get().comment.startswith("70 万元；")

    def test_who_proposed_does_not_sign_it_too(self):
        by = make.leader()
        PostingFactory(user=by, department=economy(), role=Role.REVIEWER)
        application = unbounded(by)
        with refused_with("four_eyes"):
            deciding.countersign(application, "我看行", by=by, at=now())

    def test_a_signature_is_for_one_proposal(self):
        application = unbounded()
        deciding.countersign(application, "合适", by=make.leader(), at=now())
        deciding.rework(application, "重算", by=make.leader(), at=now())
        assert application.countersigned_by is None

    def test_a_bounded_amount_wants_no_second_signature(self):
        application = make.proposed()
        with refused_with("not_wanted"):
            deciding.countersign(application, "合适", by=make.leader(), at=now())

    def test_an_item_that_gives_no_money_has_no_amount(self):
        application = make.reviewing(make.version(benefit="right"))
        for outcome in (Proposal("approve", 1), Proposal("approve", 0)):
            with refused_with("amount_unwanted"):
                deciding.propose(application, outcome, by=application.reviewer, at=now())
        deciding.propose(application, Proposal("approve"), by=application.reviewer, at=now())

    def test_open_objections_are_answered_first(self):
        application, notice = make.noticed()
        notice.objections.create(name="李四", phone="13900000000", text="设备是旧的")
        with refused_with("objections_open"):
            deciding.approve(application, by=make.leader(), at=notice.closes_at)

    def test_a_stranger_decides_nothing(self):
        application = make.proposed()
        tax = Department.objects.get(code="tax")
        for stranger in (UserFactory(), make.leader(tax), make.reviewer(tax)):
            with refused_with("no_role"):
                deciding.post_notice(application, by=stranger, at=now())

    def test_sent_back_for_reworking(self):
        application, _notice = make.noticed()
        deciding.rework(application, "异议成立", by=make.leader(), at=now())
        assert (application.state, application.amount_fen, application.proposed_by) == (
            "reviewing",
            None,
            None,
        )
        assert not application.public_notices.filter(ended_at=None).exists()


def test_taken_back_while_others_are_asked():
    application = make.reviewing()
    tax = Department.objects.get(code="tax")
    (asked,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
    sending.withdraw(application, "改明年再报", actor=make.actor_for(application), at=now())
    assert application.state == "withdrawn"
    with refused_with("given"):
        opinions.give(asked, "agree", "", by=make.reviewer(tax), at=now())
    assert not application.clocks.filter(met_at=None).exists()
    assert not Application.objects.at({tax.pk}).exists()


def test_taken_back_by_the_enterprise():
    application = make.reviewing()
    sending.withdraw(application, "改明年再报", actor=make.actor_for(application), at=now())
    assert application.state == "withdrawn"
    again = drafts.start(make.actor_for(application), application.version, at=now())
    assert again != application
