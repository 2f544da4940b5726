"""Evidence replays: whatever is recorded later, what was judged when it was sent is found again."""

import json

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from enterprises.services import knowledge_of
from matching.plain.evaluate import judge
from matching.services import context_for, rule_tree
from policies.applying.questions import claims_in, declared_in, read_answers
from portal.kernel.digests import digest_of
from tests.applying import factories as make
from tests.enterprises.factories import give_value

pytestmark = pytest.mark.django_db


def test_it_replays_whatever_is_recorded_later():
    application = make.sent()
    evidence = application.evidence.get()
    give_value(application.enterprise, "employees", period=make.now().date().year - 1, scaled=3)
    known = knowledge_of(application.enterprise_id, as_of=evidence.as_of, known_at=evidence.known_at)
    given = {
        (one["fact"] if one["period"] is None else f"{one['fact']}@{one['period']}"): one["text"]
        for one in evidence.content["answers"]
    }
    values, errors = read_answers(given, known.catalogue)
    known = known.with_declared(declared_in(values, known.catalogue))
    known = known.with_claims(claims_in(values, known.catalogue))
    judged = judge(
        rule_tree(evidence.rule_version, known.catalogue),
        known,
        context_for(evidence.as_of, knowledge=known),
    )
    assert not errors
    assert judged.verdict == evidence.verdict
    assert (judged.amount.low, judged.amount.high) == (evidence.amount_low, evidence.amount_high)


def test_the_digest_is_that_of_the_content_as_the_database_gives_it_back():
    evidence = make.sent().evidence.get()
    assert digest_of(evidence.content) == evidence.digest
    assert digest_of(json.loads(json.dumps(evidence.content, sort_keys=True))) == evidence.digest


def test_it_is_never_changed():
    evidence = make.sent().evidence.get()
    with pytest.raises(TypeError):
        evidence.save()
    with (
        pytest.raises((IntegrityError, ProgrammingError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE policies_evidence SET verdict = 'x' WHERE id = %s", [evidence.pk])
