"""The demo's lists: nineteen enterprises and 590,000 yuan, as in Deyang; one that waits to be confirmed."""

import pytest
from django.db import transaction
from django.utils import timezone

from policies.models import Award, EnjoyRun
from policies.models.enjoying.vocabulary import CandidateState, Place, RunState, Way
from portal.kernel.money import WAN
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.enjoying import OFFERED, TAKEN, WAITING, enjoy
from portal.shell.demo.loading import write
from portal.shell.demo.modern import certify_modern
from portal.shell.demo.officials import appoint_officials
from portal.shell.demo.population import draw
from portal.shell.demo.publication import publish_policies
from portal.shell.demo.registering import register_accounts
from portal.shell.demo.showcase import HUBS, online_lessons, wheel_hubs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_nineteen_enterprises_and_a_list_that_waits() -> None:
    today = timezone.localdate()
    firms = [wheel_hubs(today), online_lessons(today), *draw(3_000, DEMO_SEED, today)]
    certify_modern(firms, today)
    with transaction.atomic():
        write(firms, timezone.now())
    people = register_accounts()
    appoint_officials(people, DEMO_TODAY, DEMO_SEED)
    publish_policies(editor=people["editor"], publisher=people["publisher"], today=today)
    enjoy(people, timezone.now())
    run = EnjoyRun.objects.counted().get(item__code=OFFERED)
    assert (run.inside, run.total_fen) == (19, 59 * WAN)
    assert run.state == RunState.OFFERED
    assert run.candidates.get(enterprise__uscc=HUBS).state == CandidateState.OFFERED
    assert Award.objects.count() == TAKEN == run.accepted
    assert run.candidates.filter(place=Place.OUT).exists()
    ways = set(run.candidates.filter(place=Place.ALMOST).values_list("way", flat=True))
    assert ways == {Way.CLICK, Way.FORM, Way.MISSING}
    waiting = EnjoyRun.objects.counted().get(item__code=WAITING)
    assert waiting.state == RunState.PROPOSED
    assert waiting.inside
