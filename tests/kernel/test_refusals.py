"""What the database refuses, in words; what nobody foresaw stays what it is."""

from functools import partial

import pytest
from django.db import IntegrityError, connection

from portal.kernel.refusals import telling
from tests.kernel.papers.models import Tariff
from tests.money.refusing import told

pytestmark = pytest.mark.django_db
telling_of_codes = partial(telling, {"papers_tariff_code": ("code", "标识只用小写字母。")})


def write(code, **how):
    with telling_of_codes(**how):
        Tariff.objects.create(code="first", name="x")
        Tariff.objects.create(code=code, name="x")


def test_a_refusal_that_has_words_is_told_and_nothing_is_written():
    assert told("code", lambda: write("Second")).message == "标识只用小写字母。"
    assert not Tariff.objects.exists()
    write("second")
    assert Tariff.objects.count() == 2


def test_one_that_has_none_is_no_refusal_of_the_business():
    with pytest.raises(IntegrityError, match="papers_tariff_code_key"):
        write("first")
    assert not Tariff.objects.exists()


def test_one_statement_within_a_transaction_is_undone_alone():
    assert connection.in_atomic_block
    told("code", lambda: write("Second", one_statement=True))
    assert not Tariff.objects.exists()
