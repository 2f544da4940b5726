"""Handing out at the desk, and taking it back: who may, and what happens."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals.models import Assignment
from tests.accounts.factories import DepartmentFactory
from tests.appeals.desk.pages import now, page, take
from tests.appeals.factories import (
    CategoryFactory,
    OfficerFactory,
    away,
    dispatched,
    file,
    handling,
    lead,
)
from tests.appeals.suggested import suggest
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


class TestDispatching:
    def test_one_press_takes_the_first_suggestion(self, desk, centre, lights):
        appeal = file()
        leader = OfficerFactory(department=lights)
        first, _second = suggest(appeal, lights, DepartmentFactory(), leader=leader)
        order = lead(appeal)
        answer = take(desk, centre, order, "dispatch", suggestion=first.pk, basket="new")
        assert answer.url == reverse("desk_inbox", args=[centre.pk]) + "?basket=new"
        assert (now(order).department, now(order).leader) == (lights, leader)
        given = Assignment.objects.get(order=order)
        assert (given.why, given.suggested) == ("suggested", lights)

    def test_a_leader_who_is_away_is_stood_in_for_and_the_page_says_so(self, desk, centre, lights):
        appeal = file()
        leader, other = OfficerFactory(department=lights), OfficerFactory(department=lights)
        away(leader, other)
        (first,) = suggest(appeal, lights, leader=leader)
        assert f"由 {other.name} 代办" in page(desk, centre, lead(appeal)).content.decode()
        take(desk, centre, lead(appeal), "dispatch", suggestion=first.pk)
        assert lead(appeal).leader == other

    def test_a_leader_who_left_hinders_no_dispatch(self, desk, centre, lights):
        appeal = file()
        leader = OfficerFactory(department=lights, left_on=timezone.localdate())
        (first,) = suggest(appeal, lights, leader=leader)
        take(desk, centre, lead(appeal), "dispatch", suggestion=first.pk)
        assert (lead(appeal).department, lead(appeal).leader) == (lights, None)

    def test_what_is_chosen_by_hand_counts_before_the_suggestion(self, desk, centre, lights):
        appeal = file()
        (first,) = suggest(appeal, DepartmentFactory())
        take(desk, centre, lead(appeal), "dispatch", suggestion=first.pk, target=f"d{lights.pk}")
        assert lead(appeal).department == lights
        assert Assignment.objects.get().why == "manual"

    def test_another_may_help_from_the_start(self, desk, centre, lights):
        order, helper = lead(file()), DepartmentFactory()
        take(desk, centre, order, "dispatch", target=f"d{lights.pk}", co=f"d{helper.pk}")
        assert order.appeal.orders.get(kind="co").department == helper

    @pytest.mark.parametrize("given", [{}, {"target": "d0"}, {"target": "x"}, {"suggestion": "0"}])
    def test_without_a_place_nothing_is_dispatched(self, desk, centre, given):
        order = lead(file())
        answer = take(desk, centre, order, "dispatch", **given)
        assert answer.status_code == 422
        assert now(order).state == "waiting"

    def test_a_suggestion_of_another_appeal_is_none(self, desk, centre, lights):
        (other,) = suggest(file(), lights)
        order = lead(file())
        assert take(desk, centre, order, "dispatch", suggestion=other.pk).status_code == 422

    def test_the_department_complained_of_is_not_offered(self, desk, centre, lights):
        appeal = file(about=lights)
        suggest(appeal, lights, DepartmentFactory())
        shown = page(desk, centre, lead(appeal))
        assert [one.row.department for one in shown.context["suggestions"]] != [lights]
        assert f'value="d{lights.pk}"' not in shown.content.decode()
        assert take(desk, centre, lead(appeal), "dispatch", target=f"d{lights.pk}").status_code == 422

    def test_the_second_to_press_is_told_who_was_faster(self, desk, centre, lights):
        order = dispatched(lights)
        answer = take(desk, centre, order, "dispatch", target=f"d{lights.pk}")
        assert answer.status_code == 422
        assert "待接单" in answer.content.decode()

    def test_open_co_ask_refuse_merge_supervise(self, desk, centre, lights):
        opened = lead(file(category=CategoryFactory(market=True)))
        take(desk, centre, opened, "open", hours=24)
        assert now(opened).state == "open"
        helped = handling()
        take(desk, centre, helped, "co", target=f"d{lights.pk}")
        assert helped.appeal.orders.get(kind="co").department == lights
        take(desk, centre, helped, "supervise", text="拖了很久")
        assert helped.appeal.orders.filter(kind="supervision").exists()
        asked, refused = file(), file()
        take(desk, centre, lead(asked), "ask_back", text="哪一段路？")
        take(desk, centre, lead(refused), "refuse", text="请到法院起诉。")
        asked.refresh_from_db()
        refused.refresh_from_db()
        assert (asked.intake, refused.intake) == ("asked", "refused")
        firm = EnterpriseFactory()
        twice, into = file(firm), file(firm)
        take(desk, centre, lead(twice), "merge", into=into.pk)
        twice.refresh_from_db()
        assert twice.merged_into == into

    def test_another_enterprises_appeal_cannot_be_merged_into(self, desk, centre):
        firm = EnterpriseFactory()
        twice, _into, other = file(firm), file(firm), file()
        assert take(desk, centre, lead(twice), "merge", into=other.pk).status_code == 422


class TestUndo:
    def test_a_dispatch_is_undone_with_the_bar(self, desk, centre, lights):
        order = lead(file())
        take(desk, centre, order, "dispatch", target=f"d{lights.pk}", basket="new")
        bar = desk.get(reverse("desk_inbox", args=[centre.pk])).context["undo"]
        assert bar.order == order.pk
        assert page(desk, centre, order).context["undo"] == bar
        assert page(desk, centre, lead(file())).context["undo"] is None, "only on the page of its own order"
        answer = desk.post(reverse("desk_undo", args=[centre.pk, order.pk]), {"basket": "new"}, follow=True)
        assert now(order).state == "waiting"
        assert answer.context["undo"] is None
        assert answer.context["order"] == order  # once more the one that is looked at
        assert {"ask_back", "accept_appeal", "refuse"} <= {name for name, *_ in answer.context["steps"]}
        assert answer.context["handed_out"] == 0
        mine = next(
            count for group in answer.context["groups"] for one, count, _ in group if one.key == "mine"
        )
        assert mine == 0

    def test_a_return_is_undone_by_who_returned_it(self, handler, lights):
        order = dispatched(lights)
        take(handler, lights, order, "return", text="不归我们", rightful=DepartmentFactory().pk)
        assert now(order).state == "returned"
        handler.post(reverse("desk_undo", args=[lights.pk, order.pk]))
        assert now(order).state == "offered"

    def test_after_two_minutes_the_bar_is_gone_and_nothing_is_undone(self, desk, centre, lights, monkeypatch):
        monkeypatch.setattr("appeals.dispatching.UNDO_WITHIN", dt.timedelta(0))
        monkeypatch.setattr("appeals.desk.undoing.UNDO_WITHIN", dt.timedelta(0))
        order = lead(file())
        take(desk, centre, order, "dispatch", target=f"d{lights.pk}")
        assert desk.get(reverse("desk_inbox", args=[centre.pk])).context["undo"] is None
        desk.post(reverse("desk_undo", args=[centre.pk, order.pk]))
        assert now(order).state == "offered"

    def test_what_somebody_else_did_is_theirs_to_undo(self, desk, centre, lights):
        order = dispatched(lights)
        desk.post(reverse("desk_undo", args=[centre.pk, order.pk]))
        assert now(order).state == "offered"
