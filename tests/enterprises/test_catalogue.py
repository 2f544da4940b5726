"""Names of codes, as people read them."""

import pytest

from tests.matching.catalogue import county_catalogue


@pytest.mark.parametrize(
    ("fact", "code", "label"),
    [
        ("industry", "36", "汽车制造业"),
        ("industry", "3670", "汽车制造业 3670"),
        ("industry", "C", "制造业"),
        ("region", "500231", "垫江县"),
        ("region", "500231101", "新民镇"),
        ("region", "99", "99"),
    ],
)
def test_a_code_is_named_by_itself_or_by_what_it_belongs_to(fact, code, label):
    assert county_catalogue().code_label(fact, code) == label
