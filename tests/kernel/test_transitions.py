"""States move along the table or not at all: in code, and in the database whoever writes."""

import re
import threading
from contextlib import suppress

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from portal.kernel.errors import DomainError
from portal.kernel.machines import Machine, machines_of
from portal.kernel.models import AppendOnly
from portal.kernel.state_triggers import StateTrigger, trigger_name
from portal.kernel.transitions import advance, advance_all
from tests.accounts.factories import UserFactory
from tests.kernel.papers.models import Job, Note, Paper, State

pytestmark = pytest.mark.django_db
CONSTRAINT = "papers_paper_state_transitions"


def published():
    paper = Paper.objects.create(text="text")
    advance(paper, "submit", actor=None)
    advance(paper, "publish", actor=None)
    return paper


def test_a_transition_changes_the_state_and_writes_who_did_it():
    paper, user = Paper.objects.create(text="text"), UserFactory()
    event = advance(paper, "submit", actor=user, comment="请审", public=True)
    stored = Paper.objects.get()
    assert stored.state == paper.state == State.REVIEW
    assert (event.actor, event.name, event.source, event.target) == (user, "submit", "draft", "review")
    assert (event.comment, event.public, event.subject) == ("请审", True, stored)


def test_other_fields_change_in_the_same_step():
    paper = Paper.objects.create(text="text")
    advance(paper, "submit", actor=None)
    advance(paper, "publish", actor=None, changes={"published_by": "王"})
    assert paper.published_by == Paper.objects.get().published_by == "王"


def test_a_wrong_state_is_refused_and_nothing_is_written():
    paper = Paper.objects.create(text="text")
    with pytest.raises(DomainError, match="草稿.*不能发布"):
        advance(paper, "publish", actor=None)
    assert Paper.objects.get().state == State.DRAFT
    assert not paper.events.exists()


def test_a_guard_refuses_and_nothing_is_written():
    paper = Paper.objects.create()
    with pytest.raises(DomainError, match="正文"):
        advance(paper, "submit", actor=None)
    assert not paper.events.exists()


def test_the_guard_sees_the_row_not_the_callers_copy():
    paper = Paper.objects.create(text="text")
    Paper.objects.update(text="")
    with pytest.raises(DomainError, match="正文"):
        advance(paper, "submit", actor=None)


def test_an_unknown_transition_is_a_mistake_and_a_row_that_is_gone_is_a_sentence():
    paper = Paper.objects.create(text="text")
    with pytest.raises(KeyError):
        advance(paper, "explode", actor=None)
    Paper.objects.all().delete()
    with pytest.raises(DomainError, match="不存在"):
        advance(paper, "submit", actor=None)


def test_buttons_show_what_is_allowed():
    paper = Paper(text="")
    assert Paper.machine.available(paper, None) == []
    paper.text = "text"
    assert [transition.name for transition in Paper.machine.available(paper, None)] == ["submit"]


STATEMENTS = [
    "INSERT INTO papers_paper (state, text, published_by) VALUES ('published', '', '')",
    "UPDATE papers_paper SET state = 'published' WHERE state = 'draft'",
    "UPDATE papers_paper SET state = 'draft' WHERE state = 'published'",
    "UPDATE papers_paper SET state = 'nonsense'",
    "DELETE FROM papers_paper WHERE state = 'published'",
    """INSERT INTO papers_paper (id, state, text, published_by) SELECT id, 'draft', '', ''
       FROM papers_paper WHERE state = 'published'
       ON CONFLICT (id) DO UPDATE SET state = 'draft'""",
    """MERGE INTO papers_paper p USING (SELECT 1) s ON p.state = 'published'
       WHEN MATCHED THEN UPDATE SET state = 'review'""",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_raw_sql_cannot_leave_the_table(statement):
    Paper.objects.create()
    published_paper = published()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refusal.value.__cause__.diag.constraint_name == CONSTRAINT
    assert refusal.value.__cause__.diag.table_name == "papers_paper"
    published_paper.refresh_from_db()
    assert published_paper.state == State.PUBLISHED


@pytest.mark.parametrize(
    "setting", ["SET LOCAL session_replication_role = replica", "SET LOCAL search_path = pg_temp, public"]
)
def test_no_session_setting_opens_a_side_door(setting):
    paper = published()
    with transaction.atomic():
        with suppress(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(setting)  # the application role may not even try the first
        with pytest.raises(IntegrityError, match="cannot go"), transaction.atomic():
            Paper.objects.filter(pk=paper.pk).update(state="draft")


def test_what_stands_in_the_initial_state_may_be_deleted_and_edited():
    paper = Paper.objects.create(text="a")
    Paper.objects.update(text="b", state="draft")
    paper.delete()
    assert not Paper.objects.exists()


def edges_in_database(table, field):
    """(initial, edges, deletable, fires on, enabled) as PostgreSQL itself tells them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.prosrc, t.tgtype, t.tgenabled FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
               WHERE t.tgrelid = %s::regclass AND t.tgname = %s""",
            [table, trigger_name(table, field)],
        )
        row = cursor.fetchone()
    assert row, f"{table}.{field} has a state machine and no trigger"
    body, kind, enabled = row
    initial = re.search(r"IS DISTINCT FROM '([^']*)' THEN", body)[1]
    edges = re.search(r"NEW\.\"\w+\"\) IN \((.*)\) IS NOT TRUE", body)[1]
    deletable = re.search(r"ARRAY\[(.*)\]::text", body)[1]
    return (
        initial,
        frozenset(re.findall(r"\('([^']*)', '([^']*)'\)", edges)),
        frozenset(re.findall(r"'([^']*)'", deletable)),
        kind,
        enabled,
    )


ROW_BEFORE_INSERT_DELETE_UPDATE = 1 | 2 | 4 | 8 | 16


MACHINES = [
    pytest.param(model, machine, id=f"{model._meta.label}.{machine.field}")
    for model, machine in Machine.registry()
]


@pytest.mark.parametrize(("model", "machine"), MACHINES)
def test_every_machine_of_the_project_is_in_the_database_as_it_is_in_code(model, machine):
    expected = (machine.initial, machine.edges, machine.deletable, ROW_BEFORE_INSERT_DELETE_UPDATE, "A")
    assert edges_in_database(model._meta.db_table, machine.field) == expected


def test_the_registry_knows_inherited_machines_too():
    assert {Paper, Job} <= {model for model, _machine in Machine.registry()}


def test_an_operation_writes_itself_and_undoes_itself():
    operation = StateTrigger.of(Paper, Paper.machine)
    name, args, kwargs = operation.deconstruct()
    assert name == "StateTrigger"
    assert StateTrigger(*args, **kwargs).deconstruct() == operation.deconstruct()
    assert machines_of(Paper) == [Paper.machine]


@pytest.mark.django_db(transaction=True)
def test_the_trigger_goes_and_comes_with_its_migration():
    try:
        call_command("migrate", "papers", "0001", verbosity=0)
        stray = Paper.objects.create(state=State.PUBLISHED)
        Paper.objects.filter(pk=stray.pk)._raw_delete("default")  # other tables have no columns of today yet
    finally:
        call_command("migrate", "papers", verbosity=0)
    with pytest.raises(IntegrityError, match="starts in state"):
        Paper.objects.create(state=State.PUBLISHED)


@pytest.mark.django_db(transaction=True)
def test_two_people_press_the_same_button_and_one_is_told():
    paper = Paper.objects.create(text="text")
    barrier, results = threading.Barrier(2), []

    def press():
        mine = Paper.objects.get(pk=paper.pk)
        barrier.wait(10)
        try:
            results.append(advance(mine, "submit", actor=None).target)
        except DomainError as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["review", "transition_refused"]
    assert paper.events.count() == 1


def test_append_only_rows_are_not_changed_through_the_orm():
    note = Note.objects.create(text="a")
    assert issubclass(Note, AppendOnly)
    for change in (note.save, note.delete, Note.objects.all().delete, lambda: Note.objects.update(text="b")):
        with pytest.raises(TypeError, match="append-only"):
            change()
    assert Note.objects.get().text == "a"


class TestManyAtOnce:
    """`advance_all`: a statement for each source, an event for each row."""

    def test_each_row_that_may_is_moved_and_has_its_event(self, django_assert_num_queries):
        user, at = UserFactory(), timezone.now()
        drafts = [Paper.objects.create(text=str(number)) for number in range(3)]
        advance(drafts[0], "submit", actor=None)
        with django_assert_num_queries(3):  # savepoint, statement, release
            moved = advance_all(
                Paper.objects.all(),
                "submit",
                actor=user,
                at=at,
                changes={"published_by": Concat(Value("收"), "text")},
                comment=F("published_by"),
            )
        assert moved == 2
        assert sorted(Paper.objects.values_list("state", "published_by")) == [
            ("review", ""),
            ("review", "收1"),
            ("review", "收2"),
        ]
        written = drafts[2].events.get()
        assert (written.actor, written.at, written.name, written.comment) == (user, at, "submit", "收2")
        assert (written.source, written.target, written.public) == ("draft", "review", False)

    def test_the_same_words_for_all_and_none_of_a_machine_without_the_step(self):
        Paper.objects.create()
        assert advance_all(Paper.objects.all(), "submit", actor=None, at=timezone.now(), comment="100%s") == 1
        assert Paper.objects.get().events.get().comment == "100%s"
        assert advance_all(Paper.objects.none(), "submit", actor=None, at=timezone.now()) == 0
        with pytest.raises(KeyError):
            advance_all(Paper.objects.all(), "burn", actor=None, at=timezone.now())
