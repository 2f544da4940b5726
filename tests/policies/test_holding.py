"""Items that grant a credential: whoever holds it has nothing to do and is told nothing."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.catalogue import Tier
from enterprises.models import Credential, CredentialKind
from enterprises.services import knowledge_of, record_registry
from policies.exchange.checking import ExchangeRefused
from policies.exchange.exporting import export_item
from policies.exchange.importing import import_data
from policies.holding import certificate_held, holders
from policies.models import Push
from policies.nightly import match_versions_in_force
from policies.survey import survey
from policies.tasks import work_push
from portal.kernel.outbox import OutboxEntry
from tests.enterprises.factories import EnterpriseFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db
KIND = "specialized_sme"


def firm(**credential):
    """An enterprise; with a certificate if told what stands on it."""
    made = EnterpriseFactory()
    record_registry([made], as_of=timezone.localdate() - dt.timedelta(days=10))
    if credential:
        certify(made, **credential)
    return made


def certify(enterprise, **changes):
    kind = CredentialKind.objects.get(key=KIND)
    given = {"certificate": "A1", "tier": Tier.ATTESTED, "as_of": timezone.localdate() - dt.timedelta(days=5)}
    return Credential.objects.create(enterprise=enterprise, kind=kind, **given | changes)


def told():
    return set(OutboxEntry.objects.values_list("payload__mailbox", flat=True))


def test_who_holds_it_is_not_told_and_sees_that_it_is_there():
    today = timezone.localdate()
    holding, lacking = firm(valid_to=today), firm()
    version = make.published(grants=KIND, benefit="title", rule_amount=None)
    work_push(Push.objects.get().pk)
    assert told() == {lacking.mailbox_id}
    groups = survey(holding, today).groups
    assert [one.entry.version_id for one in groups["held"]] == [version.pk]
    assert not groups["fits"]
    assert [one.entry.version_id for one in survey(lacking, today).groups["fits"]] == [version.pk]


@pytest.mark.parametrize("ended", [{"valid_to": dt.date(2020, 1, 1)}, {"revoked": True}])
def test_an_ended_certificate_is_none(ended):
    today = timezone.localdate()
    enterprise = firm(**ended)
    assert holders(KIND, today, timezone.now()) == set()
    assert certificate_held(KIND, knowledge_of(enterprise, as_of=today)) is None


def test_what_is_recorded_later_is_not_known_to_an_earlier_run():
    today, before = timezone.localdate(), timezone.now()
    enterprise = EnterpriseFactory()
    Credential.objects.bulk_create(
        [
            Credential(
                enterprise=enterprise,
                kind=CredentialKind.objects.get(key=KIND),
                tier=Tier.ATTESTED,
                as_of=today,
                recorded_at=before + dt.timedelta(seconds=1),
            )
        ]
    )
    assert holders(KIND, today, before) == set()
    assert holders(KIND, today, before + dt.timedelta(seconds=2)) == {enterprise.pk}


def test_holders_and_knowledge_agree_on_corrections():
    """A later record of the same certificate counts, whichever way it is asked."""
    today = timezone.localdate()
    revoked, renewed = firm(valid_to=today), firm(valid_to=dt.date(2020, 1, 1))
    certify(revoked, revoked=True, as_of=today - dt.timedelta(days=1))
    certify(renewed, certificate="A2", valid_to=today + dt.timedelta(days=9))
    assert holders(KIND, today, timezone.now()) == {renewed.pk}
    assert certificate_held(KIND, knowledge_of(revoked, as_of=today)) is None
    assert certificate_held(KIND, knowledge_of(renewed, as_of=today)).certificate == "A2"


def test_one_whose_certificate_ran_out_is_told_the_next_night():
    today = timezone.localdate()
    holding = firm(valid_to=today)
    make.published(grants=KIND, benefit="title", rule_amount=None)
    work_push(Push.objects.get().pk)
    assert told() == set()
    assert match_versions_in_force(today + dt.timedelta(days=1)) == 1
    work_push(Push.objects.latest("pk").pk)
    assert told() == {holding.mailbox_id}


def test_the_format_carries_it_and_refuses_an_unknown_kind():
    version = make.published(grants=KIND)
    data = export_item(version)
    assert data["grants"] == {"credential": KIND}
    editor = make.editor()
    wrong = data | {"code": "T-NEW", "grants": {"credential": "specialised_sme"}}
    with pytest.raises(ExchangeRefused, match="没有登记资质“specialised_sme”"):
        import_data({"a.yaml": {"format": 1, "documents": [], "items": [wrong]}}, editor=editor)
