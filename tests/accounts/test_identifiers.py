"""Telephone numbers that somebody will dial."""

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.identifiers import check_phone


@pytest.mark.parametrize("number", ["13800000000", "023-74510000", "+86 138 0000 0000", "（023）74510000转8"])
def test_a_number_that_can_be_dialled_is_taken(number: str) -> None:
    check_phone(number)


@pytest.mark.parametrize("number", ["abc", "138", "13800000000\n", "<b>13800000000", "1" * 31])
def test_what_cannot_be_dialled_is_refused(number: str) -> None:
    with pytest.raises(ValidationError):
        check_phone(number)
