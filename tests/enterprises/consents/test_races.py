"""Readings and revocations at the same moment, on connections of their own."""

import datetime as dt
import json
import random
import threading
import time
from collections import Counter
from queue import SimpleQueue

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from enterprises.actors import Actor
from enterprises.consents import granting
from enterprises.consents.reading import LOCK, read
from enterprises.models import Consent, ConsentReading, MemberRole
from portal.kernel.errors import DomainError
from tests.enterprises.consents.factories import GranteeFactory, consent_of, reader_of
from tests.enterprises.factories import actor_of
from tests.races import at_once, behind

pytestmark = pytest.mark.django_db(transaction=True)
INTERLEAVINGS = 10_000
PAIRS = 2
"""A pair is a reader and a revoker, each with a connection."""
MOST_READS = 400
COPIES = """
    INSERT INTO enterprises_consent SELECT (jsonb_populate_record(old, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('enterprises_consent', 'id')), 'number', 'R-' || place))).*
    FROM enterprises_consent old, generate_series(1, %s) place WHERE old.id = %s RETURNING id
"""
ABOUT = """
    INSERT INTO enterprises_consentfact (consent_id, fact_id)
    SELECT copied, fact_id FROM unnest(%s) copied, enterprises_consentfact WHERE consent_id = %s
"""
READ = """
    INSERT INTO enterprises_consentreading (consent_id, client, at, keys, purpose)
    VALUES (%s, 'bank', now(), %s, '')
"""
REVOKE = (
    "UPDATE enterprises_consent SET revoked_at = now(), revoked_by_id = given_by_id"
    " WHERE id = %s AND revoked_at IS NULL"
)
COUNT = "SELECT count(*) FROM enterprises_consentreading WHERE consent_id = %s"


def giver(consent: Consent) -> Actor:
    """Who may end it."""
    return Actor(consent.given_by, consent.enterprise, MemberRole.MANAGER)


def copies(given: Consent, count: int) -> list[int]:
    """As many consents again, all live."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COPIES, [count, given.pk])
        made = [row[0] for row in cursor.fetchall()]
        cursor.execute(ABOUT, [made, given.pk])
    return made


class Pair:
    """A reader who goes on reading until refused, and whoever revokes in between, over and over."""

    def __init__(self, consents: list[int], seed: int) -> None:
        self.consents, self.chance = consents, random.Random(seed)  # noqa: S311 - nothing is secret
        self.begun: SimpleQueue[int | None] = SimpleQueue()
        self.read: Counter[int] = Counter()
        """Readings that the reader knows to be committed, by consent."""
        self.seen: dict[int, int] = {}
        """Readings that there were when the revocation held the row; it commits with no more."""
        self.failures: list[Exception] = []

    def threads(self) -> list[threading.Thread]:
        return [threading.Thread(target=self._alone, args=[work]) for work in (self._reads, self._revokes)]

    def _alone(self, work) -> None:
        try:
            connection.ensure_connection()
            with connection.cursor() as cursor:
                work(cursor)
        except Exception as error:  # told in the test's own thread
            self.failures.append(error)
            self.begun.put(None)
        finally:
            connection.close()

    def _reads(self, cursor) -> None:
        keys = json.dumps({"facts": ["revenue"]})
        for consent in self.consents:
            self._read(cursor, consent, keys)
            self.begun.put(consent)
            while self._read(cursor, consent, keys):
                if self.read[consent] > MOST_READS:
                    raise AssertionError("nobody revokes")
        self.begun.put(None)

    def _read(self, cursor, consent: int, keys: str) -> bool:
        """As the service does it: lock, note, and what it would hand out in the meantime."""
        try:
            with transaction.atomic():
                cursor.execute(LOCK, [consent])
                cursor.execute(READ, [consent, keys])
                if self.chance.random() < 0.1:
                    time.sleep(self.chance.random() / 1_000)
        except IntegrityError as error:
            if error.__cause__.diag.constraint_name != "enterprises_consentreading_live":
                raise
            return False
        self.read[consent] += 1
        return True

    def _revokes(self, cursor) -> None:
        while (consent := self.begun.get()) is not None:
            if self.chance.random() < 0.5:
                time.sleep(self.chance.random() / 1_000)
            with transaction.atomic():
                cursor.execute(REVOKE, [consent])
                assert cursor.rowcount == 1
                cursor.execute(COUNT, [consent])
                self.seen[consent] = cursor.fetchone()[0]


@pytest.mark.slow
def test_of_ten_thousand_revocations_between_readings_none_is_overtaken():
    given = consent_of(facts=("revenue",), credentials=())
    consents = copies(given, INTERLEAVINGS)
    pairs = [Pair(consents[place::PAIRS], place) for place in range(PAIRS)]
    threads = [thread for pair in pairs for thread in pair.threads()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [failure for pair in pairs for failure in pair.failures] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT consent_id, count(*) FROM enterprises_consentreading GROUP BY consent_id")
        written = dict(cursor.fetchall())
    seen = {consent: count for pair in pairs for consent, count in pair.seen.items()}
    read_by = {consent: count for pair in pairs for consent, count in pair.read.items()}
    assert len(seen) == INTERLEAVINGS
    assert written == seen == read_by
    # between one reading and the next, and after some more: both were met often
    tally = Counter(min(count, 3) for count in seen.values())
    assert min(tally[1], tally[2]) > INTERLEAVINGS // 100, tally


def test_the_services_themselves_are_not_overtaken():
    actor, bank = actor_of(), GranteeFactory()
    for _round in range(25):
        consent = consent_of(actor, bank)
        reader = reader_of(consent)
        reads = [lambda c=consent, r=reader: read(c.pk, r, at=timezone.now())] * 3
        ended = lambda c=consent: granting.revoke(actor, c, at=timezone.now())  # noqa: E731
        *answers, revoked = at_once(*reads, ended)
        assert revoked is None
        refused = [one for one in answers if isinstance(one, DomainError)]
        assert all(one.code == "revoked" for one in refused)
        assert ConsentReading.objects.filter(consent=consent).count() == len(reads) - len(refused)


def test_a_revocation_waits_for_a_reading_on_its_way():
    consent, order = consent_of(), []

    def reading() -> None:
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [consent.pk])
        order.append("read")

    def revoking() -> None:
        granting.revoke(giver(consent), consent, at=timezone.now())
        order.append("revoked")

    assert behind(reading, revoking) is None
    assert order == ["read", "revoked"]


def test_a_reading_waits_for_a_revocation_on_its_way():
    consent = consent_of()
    reader = reader_of(consent)
    outcome = behind(
        lambda: granting.revoke(giver(consent), consent, at=timezone.now()),
        lambda: read(consent.pk, reader, at=timezone.now()),
    )
    assert outcome.code == "revoked"
    assert not ConsentReading.objects.exists()


def test_of_two_who_revoke_one_is_told():
    consent = consent_of()
    tasks = [
        lambda: granting.revoke(giver(consent), Consent.objects.get(pk=consent.pk), at=timezone.now())
    ] * 5
    told = [one.code for one in at_once(*tasks) if isinstance(one, DomainError)]
    assert told == ["revoked"] * 4


def test_of_two_banks_that_take_one_gets_the_consent():
    consent = consent_of(grantee="bank")
    banks = [GranteeFactory() for _each in range(4)]
    at = timezone.now() + dt.timedelta(seconds=1)
    tasks = [
        lambda bank=bank: granting.assign(Consent.objects.get(pk=consent.pk), bank, at=at) for bank in banks
    ]
    told = [one.code for one in at_once(*tasks) if isinstance(one, DomainError)]
    assert told == ["assigned"] * 3
    assert Consent.objects.get(pk=consent.pk).grantee in banks
