"""The catalogue's page: it is current, it has everything, and it can be searched."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from enterprises.services import load_catalogue
from portal.accounts.models import Department

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[2] / "docs" / "catalogue.md"


def test_the_page_is_what_the_command_writes(tmp_path):
    call_command("catalogue", output=tmp_path / "catalogue.md")
    assert (tmp_path / "catalogue.md").read_text("utf-8") == PAGE.read_text("utf-8"), (
        "run: manage.py catalogue --output docs/catalogue.md"
    )


def test_the_page_names_everything_there_is():
    page, catalogue = PAGE.read_text("utf-8"), load_catalogue()
    names = {*catalogue, *catalogue.credential_kinds, *catalogue.code_lists, *catalogue.figures}
    names |= set(Department.objects.values_list("code", flat=True))
    names |= {value for spec in catalogue.values() for value in spec.choice_values}
    assert [name for name in names if f"| {name} |" not in page and f"`{name}`" not in page] == []


def test_a_word_finds_keys_and_names(capsys):
    call_command("catalogue", "贷款发放")
    shown = capsys.readouterr().out
    assert "| loan_on | 贷款发放日 |" in shown
    assert "loan_amount" not in shown
    call_command("catalogue", "MINIMUM_WAGE")
    assert "no value yet" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有含“xyzzy”的名称"):
        call_command("catalogue", "xyzzy")


def test_a_derived_fact_says_what_it_is_made_from(capsys):
    call_command("catalogue", "revenue_growth")
    assert "`revenue` 营业收入 (also of the year -1)" in capsys.readouterr().out
