"""Which appeals say the same: judged on texts written for this project."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from appeals.sharing.alike import Said, common_words, grams, groups, nearest

CASES = yaml.safe_load(Path(__file__).with_name("alike_cases.yaml").read_text(encoding="utf-8"))
TOWNS = {name: f"50023110{place}" for place, name in enumerate(CASES["groups"])}


def said():
    """All cases, in an order that mixes the groups; each with the group's name, or none."""
    rows = [(name, *pair) for name, pairs in CASES["groups"].items() for pair in pairs]
    rows += [("", *pair) for pair in CASES["alone"]]
    mixed = rows[::3] + rows[1::3] + rows[2::3]
    return [
        (Said(pk, title, text, by=pk, town=TOWNS.get(name, "")), name)
        for pk, (name, title, text) in enumerate(mixed)
    ]


def test_those_who_say_the_same_are_together_and_nobody_else():
    rows = said()
    names = {one.pk: name for one, name in rows}
    found = [{names[one.pk] for one in group.members} for group in groups([one for one, _name in rows])]
    assert all(len(each) == 1 for each in found)
    assert {name for each in found for name in each} == set(CASES["groups"])
    sizes = {
        next(iter({names[one.pk] for one in g.members})): len(g.members)
        for g in groups([o for o, _n in rows])
    }
    assert sizes == {name: len(pairs) for name, pairs in CASES["groups"].items()}


def test_what_they_have_in_common_is_said():
    words = {word for group in groups([one for one, _name in said()]) for word in group.words}
    assert {"货车限行", "三号路"} <= words
    assert all(2 <= len(word) <= 8 for word in words)


def test_one_enterprise_alone_is_no_shared_problem():
    twice = [Said(pk, "路灯坏了", "三号路的路灯坏了", by=7) for pk in range(3)]
    assert groups(twice) == []
    other = Said(9, "路灯坏了", "三号路的路灯坏了", by=8)
    [group] = groups([*twice, other])
    assert (group.enterprises, len(group.members)) == (2, 4)


def test_place_alone_is_not_enough_and_place_decides_what_is_close():
    lamp = Said(1, "路灯坏了", "三号路的路灯坏了一周", by=1, town="500231101", category=1)
    loan = Said(2, "贷款太贵", "利率将近六个点，想申请贴息", by=2, town="500231101", category=1)
    assert groups([lamp, loan]) == []


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["我们公司", "我们公司"], ["!!", "？？"]])
def test_nothing_said_is_nothing_alike(texts):
    assert groups([Said(pk, text, text, by=pk) for pk, text in enumerate(texts)]) == []


def test_later_ones_are_found_for_a_problem_there_is():
    rows = [one for one, name in said() if name == "trucks"]
    others = [one for one, name in said() if name != "trucks"]
    found = nearest(rows[:1], [*others, *rows[1:]])
    assert {one.pk for one, _likeness in found} == {one.pk for one in rows[1:]}
    assert [likeness for _one, likeness in found] == sorted((each for _one, each in found), reverse=True)
    assert nearest([], others) == []


def test_words_of_latin_letters_stay_whole():
    assert grams("ERP系统") == {"erp": 1, "系统": 1}
    same = [Said(pk, "ERP 坏了", "", by=pk) for pk in range(2)]
    assert "erp" in common_words(["ERP 坏了"], same)


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=80), st.integers(1, 3)), max_size=12))
def test_every_appeal_is_in_at_most_one_group(rows):
    every = [Said(pk, title, text, by=by) for pk, (title, text, by) in enumerate(rows)]
    members = [one.pk for group in groups(every) for one in group.members]
    assert len(members) == len(set(members))
    assert all(group.enterprises > 1 for group in groups(every))
