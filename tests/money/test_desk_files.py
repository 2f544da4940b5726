"""The payment desk: files to and from the treasury, and whether accounts are even."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from policies.models import ReturnFile
from policies.money import intake, results
from tests.money.answering import answers_to, written
from tests.money.pages import at

pytestmark = pytest.mark.django_db


def test_the_same_bytes_again_are_said_to_change_nothing(desk, client):
    batch = desk.released(desk.award())
    file = batch.instruction
    content = written(file, answers_to(file))
    client.force_login(desk.preparer)
    said = []
    for time in range(3):
        brought = SimpleUploadedFile("HD-1.csv", content)
        answer = client.post(at(desk, "desk_money_upload"), {"file": brought}, follow=True)
        said.append([str(message) for message in answer.context["messages"]])
        if time:
            intake.take_from_folder("HD-1.csv", content, at=timezone.now())
    assert said == [
        ["核对无误，还没有入账：等另一位同事复核。"],
        ["核对无误，还没有入账：等另一位同事复核。"],
        ["这个文件 HD-1 以前已入账，没有变化。"],
    ]


def test_accounts_are_even_only_when_nothing_is_open(desk, visit):
    address = at(desk, "desk_money_reconciliation")
    assert "账单一致" in visit(desk.preparer, address)
    file = desk.released(desk.award(), desk.award()).instruction
    broken = written(file, answers_to(file), "HD-1").replace(b"YK", b"YX", 1)
    intake.take_from_folder("HD-1.csv", broken, at=timezone.now())
    for tab in ("batch", "day"):
        page = visit(desk.preparer, f"{address}?tab={tab}")
        assert "账单一致" not in page
        assert "1 份回单被隔离" in page
        assert "等 2 笔回单" in page
        assert "data-print" in page
    results.overdue(desk.tick(days=20))
    assert "2 笔未知" in visit(desk.preparer, f"{address}?tab=day")
    answered = written(file, answers_to(file), "HD-2")
    intake.take_from_folder("HD-2.csv", answered, at=timezone.now())
    intake.dismiss(ReturnFile.objects.get(name="HD-1.csv"), "重发过", by=desk.preparer, at=timezone.now())
    page = visit(desk.preparer, address)
    assert "账单一致" in page
    assert "未知" not in page


def test_an_instruction_is_handed_out_as_it_was_sent(desk, client):
    batch = desk.released()
    client.force_login(desk.releaser)
    answer = client.get(at(desk, "desk_money_content", "out", batch.instruction.pk))
    assert answer.content == bytes(batch.instruction.content)
    assert "attachment" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
