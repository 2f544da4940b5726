"""Three policies as a clerk encoded them with only the documentation: they load, hold, and go out again."""

from pathlib import Path

import pytest
from django.core.management import call_command

from policies.exchange.importing import import_files
from policies.exchange.reading import read_file
from policies.models import ItemVersion
from tests.accounts.factories import UserFactory

pytestmark = pytest.mark.django_db
FILE = Path(__file__).parent / "files" / "three_new_policies.yaml"


def test_they_become_drafts_that_lack_nothing_and_are_published():
    editor, publisher = (UserFactory(is_superuser=True) for _person in range(2))
    outcome = import_files([FILE], editor=editor)
    assert outcome.created == ["TRIAL-SD", "TRIAL-JG", "TRIAL-JY"]
    assert outcome.lacking == {}
    assert len(import_files([FILE], editor=editor, publisher=publisher).published) == 3


def test_the_most_that_can_be_had_is_read_off_the_rule():
    editor, publisher = (UserFactory(is_superuser=True) for _person in range(2))
    import_files([FILE], editor=editor, publisher=publisher)
    most = dict(ItemVersion.objects.values_list("item__code", "amount_max_fen"))
    assert most == {"TRIAL-SD": 4_500_000, "TRIAL-JG": 330_000_000, "TRIAL-JY": 7_000_000}


def test_they_go_out_and_come_in_unchanged(tmp_path):
    editor = UserFactory(is_superuser=True)
    import_files([FILE], editor=editor)
    call_command("export_policies", latest=True, output=tmp_path / "out.yaml")
    assert len(read_file(tmp_path / "out.yaml")["items"]) == 3
    assert len(import_files([tmp_path / "out.yaml"], editor=editor).unchanged) == 3
