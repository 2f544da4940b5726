"""What fails ends, says why, and goes on when a person says so."""

import pytest
from celery import current_app
from django.urls import reverse
from django.utils import timezone

from matching.models import Run
from policies import nightly, services
from policies import push as pushing
from policies.models import Push
from policies.runs import match_and_record
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import Progress
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory
from tests.policies import factories as make
from tests.policies.test_push import enterprises

pytestmark = pytest.mark.django_db


def queued():
    return Push.objects.get(version=make.published())


def break_down(monkeypatch, error, where="match_and_record"):
    def broken(*arguments, **named):
        raise error

    monkeypatch.setattr(pushing, where, broken)


def states(push):
    push = Push.objects.select_related("run").get(pk=push.pk)
    return push.state, push.run.state


def test_a_refusal_ends_a_push_and_its_run_at_once(monkeypatch):
    push = queued()
    break_down(monkeypatch, DomainError("规则不能解析", code="rule"))
    pushing.work(push.pk)
    push.refresh_from_db()
    assert states(push) == (Progress.FAILED, Progress.FAILED)
    assert (push.error, push.run.error) == ("规则不能解析", "规则不能解析")
    assert pushing.ring_stuck(timezone.now() + 2 * pushing.STUCK_AFTER) == 0


@pytest.mark.parametrize("where", ["match_and_record", "_match_chunk"])
def test_an_error_is_tried_again_a_few_times(monkeypatch, where):
    enterprises(1)
    push = queued()
    break_down(monkeypatch, RuntimeError("secret"), where)
    for _time in range(pushing.ATTEMPTS - 1):
        pushing.work(push.pk)
        assert states(push)[0] in (Progress.QUEUED, Progress.RUNNING)
    pushing.work(push.pk)
    push.refresh_from_db()
    assert push.state == Progress.FAILED
    assert push.error
    assert "secret" not in push.error


@pytest.mark.parametrize("where", ["match_and_record", "_match_chunk"])
def test_a_failed_push_goes_on_when_a_publisher_says_so(monkeypatch, client, where):
    enterprises(2)
    push = queued()
    with monkeypatch.context() as patch:
        break_down(patch, DomainError("坏了", code="x"), where)
        pushing.work(push.pk)
    address = reverse("admin:policies_push_requeue", args=[push.pk])
    for role, status in ((Role.EDITOR, 403), (Role.PUBLISHER, 302), (Role.PUBLISHER, 403)):
        user = StaffFactory()
        PostingFactory(user=user, department=make.economy(), role=role)
        client.force_login(user)
        assert (address in client.get(push.get_absolute_url()).content.decode()) is (status == 302)
        assert client.post(address, {"reason": ""}).status_code == status
    pushing.work(push.pk)
    while deliver():
        pass
    assert states(push) == (Progress.DONE, Progress.DONE)
    assert Message.objects.filter(mailbox__kind="enterprise").count() == 2


def test_who_answers_for_a_push_is_told_once_a_failure(monkeypatch):
    push = queued()
    department = push.version.item.department
    colleague = make.publisher(department)
    away = make.publisher(department)
    User.objects.filter(pk=away.pk).update(is_active=False)
    other = make.publisher(DepartmentFactory())
    told = {push.version.published_by, colleague}
    break_down(monkeypatch, DomainError("规则不能解析", code="rule"))
    for failures in (1, 2):
        pushing.work(push.pk)
        pushing.work(push.pk)
        while deliver():
            pass
        for user in (*told, away, other):
            count = Message.objects.filter(mailbox__user=user).count()
            assert count == (failures if user in told else 0), user
        pushing.requeue(Push.objects.get(pk=push.pk))
    message = Message.objects.filter(mailbox__user=colleague).first()
    assert push.version.title in message.title
    assert "规则不能解析" in message.body
    assert message.url == push.get_absolute_url()


def test_a_push_that_did_not_fail_is_not_queued_again():
    with pytest.raises(DomainError, match="没有失败"):
        pushing.requeue(queued())


def test_a_run_taken_up_again_takes_in_what_came_meanwhile():
    first, second = make.published(), make.published()
    run = Run.objects.create(label="每日匹配", as_of=timezone.localdate(), known_at=timezone.now())
    run.start(total=1)
    match_and_record(run, [first.rule_version, second.rule_version])
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == (Progress.DONE, 2, 2)


def test_bells_are_rung_by_the_names_of_tasks():
    assert {pushing.WORK, services.INDEX} <= set(current_app.tasks)


def test_a_push_that_is_gone_is_said_in_one_line(caplog):
    pushing.work(987_654)
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("WARNING", "push 987654 is gone: nobody is told")
    assert record.exc_info is None


@pytest.mark.parametrize(
    ("error", "reason"), [(DomainError("规则不能解析"), "规则不能解析"), (RuntimeError("secret"), "查看日志")]
)
def test_a_nightly_match_that_fails_is_told_to_those_concerned_and_made_good(monkeypatch, error, reason):
    enterprises(2)
    version, today = make.published(), timezone.localdate()
    told = {version.published_by, make.publisher(version.item.department)}
    told.add(PostingFactory(role=Role.SYSTEM_ADMIN).user)
    other = make.publisher(DepartmentFactory())

    def broken(*arguments, **named):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(nightly, "match_and_record", broken)
        for _time in range(2):
            assert nightly.match_versions_in_force(today) == 0
            while deliver():
                pass
    for user in (*told, other):
        messages = Message.objects.filter(mailbox__user=user, key__startswith="match-failed:")
        assert messages.count() == (user in told), "one a run, though it failed twice"
    message = Message.objects.filter(key__startswith="match-failed:").first()
    run = Run.objects.get(version=None)
    assert (run.state, message.url) == (Progress.FAILED, run.get_absolute_url())
    assert reason in message.body
    assert "secret" not in message.body
    assert nightly.match_versions_in_force(today) == 1
    assert Run.objects.get(version=None).state == Progress.DONE
