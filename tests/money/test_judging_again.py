"""A file that was not applied is judged again: once what was missing has come, and by who pays."""

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.models import ReturnFile, Transfer
from policies.money import intake
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.transitions import advance
from tests.accounts.factories import UserFactory
from tests.money.answering import answers_to, nothing_is_broken, put, states, written
from tests.money.factories import official
from tests.money.refusing import told

pytestmark = pytest.mark.django_db
RESTORED = "没有编号为 ZF-2026-11-0001 的指令文件。"


@pytest.fixture
def early(file):
    """A right answer that was judged while the database, restored, did not know its instruction again."""
    back = intake.receive("HD-1.csv", written(file, answers_to(file)), by=None, at=timezone.now())
    advance(back, "quarantine", actor=None, changes={"reasons": [RESTORED]}, at=timezone.now())
    return back


def test_what_is_right_by_now_is_booked_once(county, early, inbox):
    put(inbox, bytes(early.content), "again.csv")
    assert states() == ["sent"] * 3, "the same bytes alone change nothing"
    judged = intake.judge_again(early, by=county.confirmer, at=timezone.now())
    assert (judged.state, judged.number, judged.reasons) == ("applied", "HD-1", [])
    assert states() == ["paid"] * 3
    said = early.events.get(name="reopen")
    assert (said.actor, said.comment) == (county.confirmer, RESTORED)
    told("transition_refused", lambda: intake.judge_again(early, by=county.confirmer, at=timezone.now()))
    assert Transfer.objects.count() == 6
    nothing_is_broken()


def test_what_is_still_wrong_stays_with_its_reasons(county, inbox):
    put(inbox, b"H,1\r\n")
    back = ReturnFile.objects.get()
    before = back.reasons
    judged = intake.judge_again(back, by=county.preparer, at=timezone.now())
    assert (judged.state, judged.reasons) == ("quarantined", before)
    assert list(back.events.values_list("name", flat=True)) == ["quarantine", "reopen", "quarantine"]


def test_what_was_dismissed_by_mistake_comes_back(county, early):
    intake.dismiss(early, "看错了", by=county.preparer, at=timezone.now())
    assert intake.judge_again(early, by=county.preparer, at=timezone.now()).state == "applied"
    nothing_is_broken()


def test_killed_in_between_it_is_judged_by_the_sweeper(county, early, monkeypatch):
    def killed(pk, *, at):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(intake, "judge", killed)
        with pytest.raises(SystemExit):
            intake.judge_again(early, by=county.preparer, at=timezone.now())
    assert intake.judge_waiting(timezone.now()) == 1
    assert states() == ["paid"] * 3


def test_not_by_who_does_not_pay(early):
    for user in (UserFactory(), official(Role.LEADER)):
        told("no_role", lambda user=user: intake.judge_again(early, by=user, at=timezone.now()))


class TestPage:
    def visit(self, client, county, early, user, method="get", status=200):
        client.force_login(user)
        name = "desk_money_file_in" if method == "get" else "desk_money_judge"
        answer = getattr(client, method)(reverse(name, args=[county.line.department_id, early.pk]))
        assert answer.status_code == status
        return answer

    def test_who_pays_sees_the_button_and_what_came_of_it(self, client, county, early):
        page = self.visit(client, county, early, county.releaser).content.decode()
        assert "重新核验这份回单" in page
        answer = self.visit(client, county, early, county.releaser, "post", 302)
        page = client.get(answer.url).content.decode()
        assert "已入账" in page
        assert "重新核验这份回单" not in page
        assert RESTORED in page, "the old reasons stand in its history"

    def test_a_leader_reads_only(self, client, county, early):
        page = self.visit(client, county, early, official(Role.LEADER)).content.decode()
        assert "重新核验这份回单" not in page
        self.visit(client, county, early, official(Role.LEADER), "post", 404)

    def test_one_that_answers_another_department_is_told_of_and_not_shown(self, client, county, early):
        tax = Department.objects.get(code="tax")
        client.force_login(official(Role.PAYMENT_PREPARER, tax))
        answer = client.post(reverse("desk_money_judge", args=[tax.pk, early.pk]))
        assert answer.url == reverse("desk_money_files", args=[tax.pk])
        page = client.get(answer.url).content.decode()
        assert "另一个部门的批次" in page
        shown = reverse("desk_money_file_in", args=[tax.pk, early.pk])
        assert client.get(shown).status_code == 404

    def test_deliveries_are_seen_on_the_page_of_the_file(self, client, county, file):
        for day in (1, 4):
            file.deliveries.create(at=f"2026-03-0{day}T00:40Z")
        file.batch.instruction.__class__.objects.filter(pk=file.pk).update(delivered_at="2026-03-01T00:40Z")
        client.force_login(county.preparer)
        address = reverse("desk_money_file_out", args=[county.line.department_id, file.pk])
        page = client.get(address).content.decode()
        for words in ("共送出 2 次", "首次送出", "再次送出"):
            assert words in page
