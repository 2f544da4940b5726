"""The exchange under rivals with connections of their own: whoever comes second changes nothing."""

import pytest
from django.utils import timezone

from policies.models import InstructionFile, MoneyInvariant, Payment, ReturnFile, ReturnLine, Transfer
from policies.money import collecting, delivering, freezes, intake, results, uploading
from policies.money.exchange import folders
from tests.money.answering import answers_to, states, written
from tests.money.factories import Desk
from tests.money.many import released
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("inbox")]
RIVALS = 6


@pytest.fixture
def county(transactional_db):
    return Desk()


def good(outcomes):
    """No rival met an error."""
    return not [one for one in outcomes if isinstance(one, Exception)]


def everything_once(count):
    assert states() == ["paid"] * count
    assert ReturnLine.objects.count() == count
    assert Transfer.objects.count() == 2 * count
    assert not MoneyInvariant.objects.filter(broken__gt=0)


def test_a_return_file_in_many_times_at_once(county, settings):
    file, now = released(county, 20), timezone.now()
    content = written(file, answers_to(file))
    folders.put(settings.TREASURY_INBOX, "HD-1.csv", content)
    uploads = [
        lambda: uploading.take("HD-1.csv", content, to=county.line.department, by=county.preparer, at=now)
        for _rival in range(RIVALS)
    ]
    assert good(at_once(*uploads, *[lambda: collecting.collect(now)] * RIVALS))
    everything_once(20)
    assert ReturnFile.objects.count() == 1
    assert len(list((settings.TREASURY_INBOX / "done").iterdir())) == 1


def test_an_upload_confirmed_by_many_at_once_while_the_folder_has_it(county, settings):
    file, now = released(county, 20), timezone.now()
    content, to = written(file, answers_to(file)), county.line.department
    upload = uploading.take("HD-1.csv", content, to=to, by=county.preparer, at=now)
    folders.put(settings.TREASURY_INBOX, "HD-1.csv", content)
    outcomes = at_once(
        *[lambda: uploading.confirm(upload, by=county.confirmer, at=now)] * RIVALS,
        *[lambda: collecting.collect(now)] * RIVALS,
    )
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert {one.code for one in refused} <= {"transition_refused", "four_eyes"}
    everything_once(20)


def test_the_same_lines_in_many_files_at_once(county):
    file, now = released(county, 20), timezone.now()
    lines = answers_to(file)
    contents = [written(file, lines[turn:] + lines[:turn], f"HD-{turn}") for turn in range(RIVALS)]
    outcomes = at_once(
        *[lambda content=content: intake.take_from_folder("HD.csv", content, at=now) for content in contents]
    )
    assert good(outcomes)
    everything_once(20)
    assert ReturnFile.objects.filter(state="applied").count() == RIVALS


def test_a_file_delivered_by_many_at_once(county, settings):
    file, now = released(county, 20), timezone.now()
    outcomes = at_once(*[lambda: delivering.deliver_waiting(now)] * RIVALS)
    assert good(outcomes)
    assert sum(outcomes) >= 1
    (path,) = settings.TREASURY_OUTBOX.iterdir()
    assert path.read_bytes() == bytes(file.content)


def test_a_freeze_against_a_delivery(county, settings):
    """Once the freeze has returned nothing is delivered any more; what went before went before."""
    now = timezone.now()
    for _turn in range(8):
        file = released(county, 1)
        delivered, frozen = at_once(
            lambda: delivering.deliver_waiting(now),
            lambda batch=file.batch: freezes.freeze(batch, "核查", by=county.preparer, at=now),
        )
        assert good([delivered, frozen])
        there = (settings.TREASURY_OUTBOX / f"{file.number}.csv").exists()
        assert there == bool(InstructionFile.objects.get(pk=file.pk).delivered_at) == bool(delivered)
        assert delivering.deliver_waiting(now) == 0


def test_answers_and_impatience_at_once(county):
    file, now = released(county, 20), timezone.now()
    content = written(file, answers_to(file))
    later = now.replace(year=now.year + 1)
    outcomes = at_once(
        lambda: intake.take_from_folder("HD-1.csv", content, at=now),
        *[lambda: results.overdue(later)] * 3,
    )
    assert good(outcomes)
    assert Payment.objects.filter(state="paid").count() == 20
    everything_once(20)
