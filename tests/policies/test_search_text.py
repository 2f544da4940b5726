"""Cutting queries without a dictionary."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from policies.search.index import _jieba, number_pieces, words_of
from policies.search.text import cut, normalise, runs, squeeze, substrings

WORDS = {"专精特新", "专精", "中小企业", "企业", "小企业", "中小", "认定", "奖励", "认定奖励", "zz", "2023"}


@pytest.mark.parametrize(
    ("run", "words", "leftovers"),
    [
        ("专精特新中小企业认定奖励", ["专精特新", "中小企业", "认定奖励"], []),
        ("专精企业", ["专精", "企业"], []),
        ("量子企业", ["企业"], ["量子"]),
        ("量子企业计算", ["企业"], ["量子", "计算"]),
        ("税", [], ["税"]),
        ("zzzzqqq", [], ["zzzzqqq"]),
        ("企业zz", ["企业", "zz"], []),
        ("20231", [], ["20231"]),
        ("zz2023", ["zz", "2023"], []),
        ("", [], []),
    ],
)
def test_the_cut_leaves_least_over_and_uses_fewest_words(run, words, leftovers):
    assert cut(run, WORDS) == (words, leftovers)


@given(st.text(alphabet="专精特新中小企业认定奖励税", max_size=30))
def test_a_cut_loses_nothing_and_invents_nothing(run):
    words, leftovers = cut(run, WORDS)
    assert sorted("".join(words + leftovers)) == sorted(run)
    assert set(words) <= WORDS


def test_traditional_and_full_width_are_one_spelling():
    assert normalise("專精特新ＡＢＣ１２") == "专精特新abc12"


@pytest.mark.parametrize(
    "number", ["垫府发〔2023〕1号", "垫府发[2023]1号", "垫府发（2023）1号", "墊府發 〔2023〕 1 號"]
)
def test_every_spelling_of_a_document_number_is_one_word(number):
    assert squeeze(number) == "垫府发20231号"


def test_a_document_number_is_known_by_its_parts():
    assert number_pieces("垫府发〔2023〕1号") == ["垫府发20231号", "垫府发", "20231号"]
    assert number_pieces("") == []


def test_runs_break_at_marks_and_spaces():
    assert runs("研发投入、R&D 2023") == ["研发投入", "r", "d", "2023"]


def test_substrings_have_two_characters_or_more():
    assert substrings("abc") == {"ab", "bc", "abc"}


def test_words_overlap_so_that_parts_are_found():
    assert {"中小", "企业", "中小企业"} <= set(words_of("中小企业"))


def test_the_dictionarys_cache_lies_with_our_data():
    """jieba's own place is a file in /tmp that all users of the machine share."""
    words_of("中小企业")
    assert Path(_jieba().dt.tmp_dir) == settings.VAR_DIR / "jieba"


def test_a_cache_that_cannot_be_written_is_nobodys_trouble(tmp_path, capfd):
    """In a process of its own: the dictionary is read once in each."""
    (tmp_path / "var").touch()  # nothing can be written below a file
    code = (
        "import sys, pathlib, django; django.setup(); from django.conf import settings;"
        "settings.VAR_DIR = pathlib.Path(sys.argv[1]); from policies.search.index import words_of;"
        "assert '企业' in words_of('中小企业')"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "var")], check=True, timeout=120)
    assert capfd.readouterr().err == ""
