"""A complaint is never seen by the department complained of; nobody sees more than their work."""

import pytest

from appeals.dispatching import Target, add_co, dispatch
from appeals.models import Appeal, WorkOrder
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, UserFactory
from tests.appeals import factories as make

pytestmark = pytest.mark.django_db
DESK = [Role.DISPATCHER, Role.SUPERVISOR, Role.MEDIATOR]


def sees(user):
    """Numbers of appeals seen, and of appeals whose orders are seen."""
    user = type(user).objects.get(pk=user.pk)
    orders = WorkOrder.objects.visible_to(user).values_list("appeal", flat=True)
    return set(Appeal.objects.visible_to(user).values_list("pk", flat=True)), set(orders)


@pytest.mark.parametrize("role", Role.values)
def test_whatever_somebody_is_there_the_complaint_stays_hidden(role):
    about, other = DepartmentFactory(), DepartmentFactory()
    complaint = make.file(about=about)
    dispatch(make.lead(complaint), Target(other), by=None)
    user = make.official(role, about)
    for more in (*DESK, Role.HANDLER, Role.LEADER):
        PostingFactory(user=user, department=other, role=more)
    assert sees(user) == (set(), set())


@pytest.mark.parametrize("role", DESK)
def test_the_desk_sees_every_appeal_but_complaints_about_itself(role):
    user = make.official(role)
    open_one = make.file().pk
    elsewhere = make.file(about=DepartmentFactory()).pk
    make.file(about=user.postings.get().department)
    assert sees(user) == ({open_one, elsewhere}, {open_one, elsewhere})


@pytest.mark.parametrize("role", [Role.HANDLER, Role.LEADER])
def test_a_department_sees_what_it_holds_as_lead_or_beside(role):
    own, others = DepartmentFactory(), DepartmentFactory()
    user = make.official(role, own)
    held, helped, foreign = make.file(), make.file(), make.file()
    dispatch(make.lead(held), Target(own), by=None)
    for each in (helped, foreign):
        dispatch(make.lead(each), Target(others), by=None)
    add_co(make.lead(helped), Target(own), by=None)
    assert sees(user) == ({held.pk, helped.pk}, {held.pk, helped.pk})
    assert WorkOrder.objects.visible_to(user).count() == 2  # of the helped one only its own order


def test_a_providers_people_see_what_it_holds():
    member = make.ProviderMemberFactory()
    mine, _foreign = make.handling(), make.handling()
    WorkOrder.objects.filter(pk=mine.pk).update(department=None, provider=member.provider)
    assert sees(member.user) == ({mine.appeal_id}, {mine.appeal_id})


def test_the_dismissed_and_people_without_a_role_see_nothing_and_a_superuser_all():
    appeal = make.file()
    dismissed = make.dispatcher()
    type(dismissed).objects.filter(pk=dismissed.pk).update(is_active=False)
    for nobody in (dismissed, UserFactory(), make.official(Role.EDITOR)):
        assert sees(nobody) == (set(), set())
    assert sees(UserFactory(is_superuser=True)) == ({appeal.pk}, {appeal.pk})


def test_a_superuser_posted_in_the_department_does_not_see_the_complaint():
    about = DepartmentFactory()
    make.file(about=about)
    boss = UserFactory(is_superuser=True)
    PostingFactory(user=boss, department=about, role=Role.EDITOR)
    assert sees(boss) == (set(), set())
