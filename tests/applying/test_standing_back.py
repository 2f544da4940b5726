"""Who belongs to the firm that applies has no part in its application: refused in words, and not offered."""

from functools import partial

import pytest
from django.urls import reverse

from policies.enums import Whom
from policies.models import Application
from policies.notices.objecting import Words, object_to
from policies.reviewing import deciding, intake, objections, opinions
from policies.reviewing.deciding import Proposal
from policies.reviewing.desk.bulk import preview
from policies.reviewing.intake import Point
from policies.reviewing.recipients import Recipients
from portal.accounts.desks import Desk
from portal.accounts.models import Department
from portal.kernel.errors import DomainError
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.applying import factories as make
from tests.applying.desks import signed_in
from tests.applying.factories import now
from tests.enterprises.factories import MembershipFactory
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db
POINTS = [Point("other", "", "补一份说明", "不清楚")]


def joined(user, application, **given):
    MembershipFactory(user=user, enterprise=application.enterprise, **given)
    return user


def stands_back(application, user, *steps):
    """Each step is taken by anybody but a member."""
    joined(user, application)
    before = application.events.count()
    for step in steps:
        with pytest.raises(DomainError, match="回避") as told:
            step(by=user, at=now())
        assert told.value.code == "own_firm"
    assert application.events.count() == before


def test_accepting_and_asking_for_more():
    application = make.sent()
    stands_back(
        application,
        make.reviewer(),
        partial(intake.accept, application),
        partial(intake.give_back, application, POINTS),
    )


def test_reviewing():
    application = make.reviewing()
    tax = Department.objects.get(code="tax")
    stands_back(
        application,
        make.reviewer(),
        partial(intake.take_over, application),
        partial(opinions.consult, application, {tax: "核发票"}),
        partial(deciding.propose, application, Proposal("approve", 1)),
    )


def test_a_leader_who_allows_a_second_list():
    application = make.reviewing()
    boss = joined(make.leader(), application)
    make.returned(application, by=application.reviewer)
    Application.objects.filter(pk=application.pk).update(state="submitted")
    with pytest.raises(DomainError, match="回避"):
        intake.give_back(application, POINTS, by=application.reviewer, at=now(), allowed_by=boss)


def test_opinions_and_who_stops_waiting_for_them():
    application = make.reviewing()
    tax = Department.objects.get(code="tax")
    (asked,) = opinions.consult(application, {tax: "核发票"}, by=application.reviewer, at=now())
    stands_back(application, make.reviewer(tax), partial(opinions.give, asked, "agree", ""))
    stands_back(application, make.leader(), partial(opinions.recall, asked, "不等了"))


def test_deciding():
    application = make.proposed()
    stands_back(
        application,
        make.leader(),
        partial(deciding.post_notice, application),
        partial(deciding.approve, application),
        partial(deciding.refuse, application),
        partial(deciding.rework, application, "重看"),
    )


def test_answering_objections():
    application, notice = make.noticed()
    objection = object_to(notice, Words("李四", "023-74510000", "报过"), at=now())
    stands_back(application, make.reviewer(), partial(objections.answer, objection, "核过"))


def test_who_has_left_the_firm_may_again():
    application = make.sent()
    user = joined(make.reviewer(), application, until="2020-01-01")
    intake.accept(application, by=user, at=now())


def messages_to(user):
    while deliver():
        pass
    return Message.objects.filter(mailbox=user.mailbox).count()


def test_messages_and_reminders_go_to_the_others():
    application = make.reviewing()
    boss, colleague = joined(make.leader(), application), make.leader()
    deciding.propose(application, Proposal("approve", 20_000_000), by=application.reviewer, at=now())
    assert (messages_to(boss), messages_to(colleague)) == (0, 1)
    clock = application.clocks.get(target="decide")
    for user, told in ((boss, False), (colleague, True)):
        assert (user.mailbox.pk in Recipients([clock], now().date()).of(clock, Whom.HANDLER)) is told


def test_where_all_of_a_level_stand_back_the_next_one_is_told():
    application = make.sent()
    for one in (make.reviewer(), make.reviewer()):
        joined(one, application)
    boss = make.leader()
    clock = application.clocks.get()
    assert set(Recipients([clock], now().date()).of(clock, Whom.HANDLER)) == {boss.mailbox.pk}


class TestAtTheDesk:
    def test_no_button_is_offered_and_a_press_is_refused_in_words(self):
        application = make.sent()
        user = joined(make.reviewer(), application)
        client = signed_in(user)
        at = [economy().pk, application.number]
        page = client.get(reverse("desk_application", args=at))
        assert "按规定回避" in page.content.decode()
        assert [*page.context["first"], *page.context["steps"]] == []
        seen = application.events.latest("pk").pk
        answer = client.post(reverse("desk_application_step", args=[*at, "accept"]), {"seen": seen})
        assert answer.status_code == 422
        assert "须回避" in answer.content.decode()
        assert Application.objects.get(pk=application.pk).state == "submitted"

    def test_who_objected_is_not_told_to_the_firm_through_its_member(self):
        application, notice = make.noticed()
        objection = object_to(notice, Words("李四", "023-74510000", "报过两次"), at=now())
        client = signed_in(joined(make.leader(), application))
        at = [economy().pk, application.number]
        given = {"seen": application.events.latest("pk").pk, "objection": objection.pk, "text": "核过"}
        pages = [
            client.get(reverse("desk_application", args=at)),
            client.post(reverse("desk_application_step", args=[*at, "answer"]), given),
        ]
        assert [page.status_code for page in pages] == [200, 422]
        for page in pages:
            assert not any(words in page.content.decode() for words in ("李四", "023-74510000", "报过两次"))

    def test_the_queue_and_its_file_say_nothing_of_what_is_proposed(self):
        application = make.proposed(reason="内部理由")
        boss, colleague = joined(make.leader(), application), make.leader()
        for user, told in ((boss, False), (colleague, True)):
            client = signed_in(user)
            (row,) = (
                client.get(reverse("desk_applications", args=[economy().pk]), {"basket": "proposed"})
                .context["slice"]
                .rows
            )
            assert row.reads_inner is told
            url = reverse("desk_applications_export", args=[economy().pk, "csv"])
            assert ("内部理由" in client.get(url, {"basket": "proposed"}).content.decode()) is told
        deciding.take_back(application, by=application.proposed_by, at=now())
        proposal = Proposal("approve", 15_000_000, reason="只有部分发票")
        deciding.propose(application, proposal, by=application.reviewer, at=now())
        given = {"basket": "proposed", "least": "14", "most": "16"}
        for user, count in ((boss, 0), (colleague, 1)):
            page = signed_in(user).get(reverse("desk_applications", args=[economy().pk]), given)
            assert len(page.context["slice"].rows) == count

    def test_it_does_not_go_with_the_others(self):
        application = make.reviewing()
        user = joined(make.reviewer(), application)
        (line,) = preview(Desk(user, economy()), [application.pk])
        assert "回避" in line.why_not
