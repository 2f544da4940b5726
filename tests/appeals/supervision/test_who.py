"""Who sees the supervisor's page, and how much of it."""

import pytest
from django.test import Client
from django.urls import reverse

from appeals.dispatching import Target, dispatch, return_order
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals import factories as make
from tests.appeals.supervision.pages import page, shown
from tests.clients import signed_in

pytestmark = pytest.mark.django_db


class TestWho:
    def test_a_leader_sees_the_own_department_alone(self, lights):
        other = DepartmentFactory()
        own, _foreign = make.handling(lights), make.handling(other)
        client = signed_in(make.official(Role.LEADER, lights))
        answer = page(client, lights)
        assert [line.place for line in answer.context["lines"]] == [lights.pk]
        assert answer.context["total"].count("open") == 1
        assert shown(client, lights, "open", place=other.pk) == []
        assert shown(client, lights, "open") == [own.pk]
        assert page(client, other).status_code == 404

    def test_a_leader_counts_what_the_own_department_gave_back_and_no_others_returns(self, lights):
        other = DepartmentFactory()
        gone, come = make.dispatched(lights), make.dispatched(other)
        return_order(gone, "不归我们", other, by=None)
        dispatch(gone, Target(other), by=None)
        return_order(come, "不归我们", lights, by=None)
        dispatch(come, Target(lights), by=None)
        hidden = make.dispatched(lights)
        return_order(hidden, "不归我们", other, by=None)
        type(hidden.appeal).objects.filter(pk=hidden.appeal_id).update(about=lights)
        client = signed_in(make.official(Role.LEADER, lights))
        answer = page(client, lights)
        assert [line.place for line in answer.context["lines"]] == [lights.pk]
        assert (answer.context["total"].count("returned"), answer.context["total"].count("open")) == (1, 1)
        assert (
            shown(client, lights, "returned")
            == shown(client, lights, "returned", place=lights.pk)
            == [gone.pk]
        )
        assert shown(client, lights, "returned", place=other.pk) == []
        assert shown(client, lights, "open") == [come.pk]
        address = reverse("desk_supervision_list", args=[lights.pk, "returned"])
        text = client.get(address).content.decode()
        assert reverse("desk_order", args=[lights.pk, gone.pk]) not in text
        assert reverse("desk_dossier", args=[lights.pk, gone.appeal.number]) not in text

    def test_a_leader_of_an_idle_department_sees_it_named(self, lights):
        answer = page(signed_in(make.official(Role.LEADER, lights)), lights)
        assert [line.name for line in answer.context["lines"]] == ["县经信委"]

    def test_a_complaint_about_the_own_department_is_not_even_counted(
        self, client, centre, supervisor, lights
    ):
        make.dispatched(lights, about=centre)
        assert page(client, centre).context["total"].count("open") == 0
        assert shown(client, centre, "open") == []
        elsewhere = signed_in(make.official(Role.SUPERVISOR))
        desk = type(centre).objects.exclude(pk__in=[centre.pk, lights.pk]).latest("pk")
        assert page(elsewhere, desk).context["total"].count("open") == 1

    def test_an_anonymous_enterprise_stays_unnamed_for_a_leader(self, client, centre, lights):
        order = make.handling(lights, anonymous=True)
        name = order.appeal.enterprise.name
        leading = signed_in(make.official(Role.LEADER, lights))
        address = reverse("desk_supervision_list", args=[lights.pk, "open"])
        assert name not in leading.get(address).content.decode()
        assert name in client.get(reverse("desk_supervision_list", args=[centre.pk, "open"])).content.decode()

    @pytest.mark.parametrize("role", [Role.HANDLER, Role.DISPATCHER, Role.MEDIATOR, Role.EDITOR])
    def test_others_have_no_such_page(self, role, centre):
        client = signed_in(make.official(role, centre))
        assert page(client, centre).status_code == 404
        assert client.get(reverse("desk_supervision_list", args=[centre.pk, "open"])).status_code == 404

    def test_nobody_is_sent_to_sign_in_and_a_supervisor_elsewhere_is_none_here(self, centre):
        assert "/accounts/login/" in page(Client(), centre).url
        assert page(signed_in(make.official(Role.SUPERVISOR)), centre).status_code == 404

    def test_a_superuser_passes(self, centre):
        boss = UserFactory(is_superuser=True, second_factor=True)
        assert page(signed_in(boss), centre).status_code == 200

    def test_an_unknown_measure_is_not_found(self, client, centre):
        assert client.get(f"/desk/{centre.pk}/supervision/nonsense/").status_code == 404

    def test_it_stands_in_the_menu_of_those_who_may(self, client, centre, lights):
        assert reverse("desk_supervision", args=[centre.pk]) in page(client, centre).content.decode()
        dispatcher = make.official(Role.DISPATCHER, centre)
        inbox = signed_in(dispatcher).get(reverse("desk_inbox", args=[centre.pk])).content.decode()
        assert reverse("desk_supervision", args=[centre.pk]) not in inbox
