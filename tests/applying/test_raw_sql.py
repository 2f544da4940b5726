"""What applications hold against raw SQL of the application role: each constraint by its name, what was sent,
proposed, said or answered stands, and nothing is decided past its way."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, transaction

from policies import models
from policies.applying import files, sending
from policies.models import applying
from policies.notices.objecting import Words, object_to
from policies.reviewing import deciding
from policies.reviewing.opinions import consult, give
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.applying import factories as make
from tests.databases import needs_two_roles
from tests.enterprises.factories import EnterpriseFactory
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T08:00Z"


def refused(constraint, provoke):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        provoke()
    assert refusal.value.__cause__.diag.constraint_name == constraint


def decide(row, state, by=None):
    change(row, state=state, decided_by_id=by or UserFactory().pk, decided_at=NOW)


def propose(row, fen):
    change(row, state="proposed", outcome="approve", amount_fen=fen, proposed_by_id=UserFactory().pk)


def unbounded():
    """Proposed, where neither the rule nor what was judged names a most."""
    amount = {"rate": "10%", "of": {"fact": "equipment_invest"}}
    row = make.filled(make.version(rule_amount=amount), equipment_invest="50")
    sending.send(row, make.actor_for(row), at=make.now(), insisting="发票未到齐")
    change(row, state="reviewing")
    propose(row, 70_000_000)
    return row


def filed_twice():
    row = make.drafted()
    change(row, idempotency_key="k")
    copy(row, number="SB-1", period=row.period + 1)


def decided_by_who_proposed():
    row = make.proposed("refuse")
    decide(row, "refused", row.proposed_by_id)


def amendment(answered=True):
    row = make.returned().amendments.get()
    if answered:
        change(row, answered_at=NOW)
    return row


def point():
    return amendment().points.get()


def opinion():
    application = make.reviewing()
    return consult(application, {DepartmentFactory(): "查税"}, by=application.reviewer, at=make.now())[0]


def given():
    row = opinion()
    give(row, "agree", "", by=make.reviewer(row.department), at=make.now())
    return row


def template():
    return models.OpinionTemplate.objects.create(use="return", title="补章", text="请补")


def delegation():
    reviewer = make.reviewer()
    day = dt.date(2026, 3, 2)
    return models.ReviewDelegation.objects.create(
        department=reviewer.postings.get().department,
        away=reviewer,
        substitute=UserFactory(),
        first_day=day,
        last_day=day,
    )


def signed():
    """What no rule bounds, with a leader's name to it."""
    row = unbounded()
    deciding.countersign(row, "发票合计 700 万元，按一成", by=make.leader(), at=make.now())
    return row


def evidence(application=None):
    return (application or make.sent()).evidence.get()


def file(application=None):
    return (application or make.filled()).files.get()


def clock():
    return make.sent().clocks.get()


def target():
    return models.StepTarget.objects.get(key="accept")


def reminder():
    return models.StepReminder.objects.get(level=1)


def rating(stars):
    models.ApplicationRating.objects.create(application=make.refused(), stars=stars)


def notice():
    return make.noticed()[1]


def objection():
    return object_to(notice(), Words("李四", "023-74510000", "报过两次"), at=make.now())


CASES = [
    ("policies_application_one_alive", lambda: copy(make.drafted(), number="SB-1")),
    ("policies_application_filed_once", filed_twice),
    ("policies_application_submitted", lambda: change(make.drafted(), submitted_at=NOW)),
    ("policies_application_submitted", lambda: change(make.filled(), state="submitted")),
    ("policies_application_contact", lambda: change(make.reviewing(), contact_phone="")),
    ("policies_application_proposed", lambda: change(make.reviewing(), outcome="approve")),
    ("policies_application_amount", lambda: change(make.reviewing(), amount_fen=1)),
    ("policies_application_proposed", lambda: change(make.reviewing(), state="proposed")),
    (
        "policies_application_amount",
        lambda: change(
            make.reviewing(),
            state="proposed",
            outcome="approve",
            amount_fen=-1,
            proposed_by_id=UserFactory().pk,
        ),
    ),
    (
        "policies_application_refused_with_reason",
        lambda: change(
            make.reviewing(), state="proposed", outcome="refuse", clause="一", proposed_by_id=UserFactory().pk
        ),
    ),
    ("policies_application_decided", lambda: change(make.proposed(), decided_by_id=UserFactory().pk)),
    ("policies_application_decided", lambda: change(make.proposed(), state="approved")),
    ("policies_application_four_eyes", decided_by_who_proposed),
    ("policies_application_approved_as_proposed", lambda: decide(make.proposed("refuse"), "approved")),
    ("policies_application_refused_as_proposed", lambda: decide(make.proposed(), "refused")),
    (
        "policies_application_countersigned",
        lambda: (lambda row: change(row, countersigned_by_id=row.proposed_by_id))(make.proposed()),
    ),
    ("policies_application_countersigner", lambda: change(make.sent(), countersigned_by_id=UserFactory().pk)),
    ("policies_application_countersigner", lambda: change(signed(), countersigned_by_id=UserFactory().pk)),
    ("policies_application_countersigner", lambda: change(signed(), countersigned_by_id=None)),
    (
        "policies_application_countersigner",
        lambda: change(signed(), state="noticed", countersigned_by_id=UserFactory().pk),
    ),
    ("policies_application_amount_over", lambda: propose(make.reviewing(), 20_000_001)),
    ("policies_application_unbounded", lambda: change(unbounded(), state="noticed")),
    (
        "policies_applicationfile_of_its_point",
        lambda: copy(file(make.returned()), digest="0", point_id=point().pk),
    ),
    ("policies_amendment_number_once", lambda: copy(amendment())),
    (
        "policies_amendment_one_open",
        lambda: copy(amendment(answered=False), number=2, allowed_by_id=UserFactory().pk),
    ),
    ("policies_amendment_once", lambda: copy(amendment(), number=2)),
    (
        "policies_amendment_once",
        lambda: (lambda row: copy(row, number=2, allowed_by_id=row.asked_by_id))(amendment()),
    ),
    ("policies_amendmentpoint_says_why", lambda: copy(point(), why="")),
    ("policies_amendmentpoint_of_something", lambda: copy(point(), target="")),
    ("policies_opinion_one_open", lambda: copy(opinion())),
    ("policies_opinion_recalled", lambda: copy(given(), recalled_at=NOW)),
    ("policies_application_bounded", lambda: change(make.filled(), answers=f'{{"a": "{"x" * 100_000}"}}')),
    ("policies_opinion_given", lambda: change(opinion(), stance="agree")),
    ("policies_opinion_given", lambda: change(opinion(), given_at=NOW)),
    (
        "policies_opinion_objects_with_reason",
        lambda: change(opinion(), stance="object", given_at=NOW, given_by_id=UserFactory().pk),
    ),
    ("policies_opiniontemplate_once", lambda: copy(template())),
    ("policies_reviewdelegation_in_order", lambda: change(delegation(), last_day="2026-03-01")),
    (
        "policies_reviewdelegation_to_another",
        lambda: (lambda row: change(row, substitute_id=row.away_id))(delegation()),
    ),
    ("policies_evidence_number_once", lambda: copy(evidence())),
    ("policies_evidence_amount_in_order", lambda: copy(evidence(), number=2, amount_low=-1)),
    ("policies_evidence_amount_in_order", lambda: copy(evidence(), number=2, amount_low=2, amount_high=1)),
    ("policies_applicationfile_once", lambda: copy(file())),
    ("policies_applicationfile_of_a_material", lambda: copy(file(), material="")),
    ("policies_applicationclock_in_order", lambda: change(clock(), due_at=NOW)),
    ("policies_applicationclock_met_not_paused", lambda: change(clock(), met_at=NOW, paused_at=NOW)),
    ("policies_applicationclock_one_running", lambda: copy(clock())),
    ("policies_steptarget_span", lambda: change(target(), number=0)),
    ("policies_steptarget_span", lambda: change(target(), warning=6)),
    ("policies_stepreminder_range", lambda: change(reminder(), level=0)),
    ("policies_stepreminder_light", lambda: change(reminder(), light="green")),
    ("policies_stepreminder_whom", lambda: change(reminder(), whom="mayor")),
    ("policies_applicationrating_stars", lambda: rating(0)),
    ("policies_applicationrating_stars", lambda: rating(6)),
    ("policies_publicnotice_one_open", lambda: copy(notice())),
    (
        "policies_publicnotice_in_order",
        lambda: (lambda row: copy(row, closes_at=row.opened_at, ended_at=NOW))(notice()),
    ),
    ("policies_objection_signed", lambda: copy(objection(), phone="")),
    ("policies_objection_answered", lambda: change(objection(), answer="核过")),
    ("policies_objection_answered", lambda: change(objection(), answered_at=NOW)),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES)
def test_the_database_refuses(constraint, provoke):
    refused(constraint, provoke)


def test_no_constraint_is_left_out():
    ours = [apps.get_model("policies", name) for name in applying.__all__]
    named = {constraint.name: constraint for model in ours for constraint in model._meta.constraints}
    assert set(named) - {name for name, _provoke in CASES} == set()
    assert all(constraint.violation_error_message for constraint in named.values())


class TestStates:
    @pytest.mark.parametrize(
        ("at", "to"),
        [
            (make.filled, "reviewing"),
            (make.sent, "approved"),
            (make.reviewing, "approved"),
            (make.reviewing, "refused"),
            (make.proposed, "withdrawn"),
            (make.refused, "reviewing"),
            (make.approved, "refused"),
        ],
    )
    def test_no_step_is_left_out_and_none_is_taken_back(self, at, to):
        row = at()
        refused("policies_application_state_transitions", lambda: change(row, state=to, submitted_at=NOW))

    def test_nothing_is_born_sent_and_nothing_sent_is_deleted(self):
        row = make.sent()
        name = "policies_application_state_transitions"
        refused(name, lambda: copy(row, number="SB-1", period=row.period + 1))
        refused(name, lambda: delete(row))


class TestWhatWasSentStands:
    @pytest.mark.parametrize("at", [make.sent, make.reviewing, make.proposed, make.refused])
    def test_answers_and_notes(self, at):
        row = at()
        refused("policies_application_sent", lambda: change(row, answers="{}"))
        refused("policies_application_sent", lambda: change(row, notes='{"设备发票": "没有"}'))

    def test_whose_it_is_and_of_what_even_in_a_draft(self):
        row, other = make.drafted(), make.version()
        for values in (
            {"enterprise_id": EnterpriseFactory().pk},
            {"item_id": other.item_id},
            {"number": "SB-1"},
        ):
            refused("policies_application_sent", lambda values=values: change(row, **values))

    def test_the_version_and_the_year_once_sent(self):
        row, other = make.returned(), make.version()
        refused("policies_application_sent", lambda: change(row, version_id=other.pk))
        refused("policies_application_sent", lambda: change(row, period=row.period + 1))

    def test_files(self):
        kept = file(make.sent())
        name = "policies_application_files"
        for act in (
            lambda: change(kept, removed_at=NOW),
            lambda: change(kept, digest="0" * 64),
            lambda: copy(kept, digest="0" * 64),
            lambda: delete(kept),
        ):
            refused(name, act)

    def test_files_of_a_draft_are_hidden_or_deleted_but_never_exchanged(self):
        kept = file()
        refused("policies_application_files", lambda: change(kept, digest="0" * 64))
        change(kept, removed_at=NOW)
        delete(kept)

    def test_files_that_were_sent_stay_while_it_is_amended(self):
        application = make.returned()
        sent = application.files.get()
        name = "policies_application_files"
        refused(name, lambda: delete(sent))
        change(sent, removed_at=NOW)
        refused(name, lambda: delete(sent))
        delete(files.attach(application, "设备发票", make.pdf(more=b"x"), by=None))

    @needs_two_roles
    @pytest.mark.parametrize("find", ["evidence", "events"])
    def test_evidence_and_history_are_only_added_to(self, find):
        row = getattr(make.sent(), find).earliest("pk")
        for act in (lambda: delete(row), lambda: change(row, at=NOW)):
            with pytest.raises(ProgrammingError) as refusal, transaction.atomic():
                act()
            assert refusal.value.__cause__.pgcode == "42501"


class TestWhatWasSaidStands:
    @pytest.mark.parametrize("at", [make.proposed, make.approved])
    @pytest.mark.parametrize(
        "values",
        [
            {"amount_fen": 1},
            {"clause": "另一条"},
            {"reason": "另一个理由"},
            {"outcome": "refuse", "amount_fen": None},
        ],
    )
    def test_a_proposal(self, at, values):
        row = at()
        refused("policies_application_decision", lambda: change(row, **values))

    def test_who_proposed_is_not_another_so_that_one_decides_alone(self):
        row = make.proposed()
        refused("policies_application_decision", lambda: change(row, proposed_by_id=UserFactory().pk))

    def test_the_amount_is_not_changed_in_deciding(self):
        row = make.noticed()[0]
        by = UserFactory().pk
        values = {"state": "approved", "amount_fen": 1, "decided_by_id": by, "decided_at": NOW}
        refused("policies_application_decision", lambda: change(row, **values))

    def test_who_decided_and_when(self):
        row = make.refused()
        refused("policies_application_decision", lambda: change(row, decided_at=NOW))
        refused("policies_application_decision", lambda: change(row, decided_by_id=UserFactory().pk))

    def test_an_opinion_once_given(self):
        row = opinion()
        give(row, "object", "有欠税", by=make.reviewer(row.department), at=make.now())
        refused("policies_opinion_stands", lambda: change(row, stance="agree"))
        refused("policies_opinion_stands", lambda: delete(row))

    def test_what_a_department_was_asked(self):
        row = opinion()
        refused("policies_opinion_stands", lambda: change(row, question="核别的"))
        refused("policies_opinion_stands", lambda: delete(row))
        change(row, recalled_at=NOW)
        refused("policies_opinion_stands", lambda: change(row, recalled_at=None))
        refused("policies_opinion_stands", lambda: delete(row))

    def test_what_was_to_be_amended(self):
        row = point()
        refused("policies_amendmentpoint_stands", lambda: change(row, what="还要别的"))
        refused("policies_amendmentpoint_stands", lambda: delete(row))
        change(row, reply="补好了", done=True)

    def test_an_objection(self):
        row = objection()
        refused("policies_objection_stands", lambda: change(row, text="没有意见"))
        refused("policies_objection_stands", lambda: delete(row))
        change(row, answer="核过", answered_by_id=UserFactory().pk, answered_at=NOW)
        refused("policies_objection_stands", lambda: change(row, answer="没核过"))

    def test_a_notice(self):
        row = notice()
        refused("policies_publicnotice_stands", lambda: change(row, amount_fen=1))
        refused("policies_publicnotice_stands", lambda: delete(row))
        change(row, ended_at=NOW)
        refused("policies_publicnotice_stands", lambda: change(row, ended_at=None))
        refused("policies_publicnotice_stands", lambda: change(row, closes_at=NOW))
