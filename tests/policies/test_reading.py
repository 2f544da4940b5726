"""Exchange files are read strictly: what is ambiguous is refused."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.exchange.exporting import to_yaml
from policies.exchange.reading import read_file, read_text
from portal.kernel.errors import DomainError

TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, DATA, max_size=5))
def test_yaml_written_is_yaml_read(data):
    assert read_text(to_yaml(data)) == data


@given(st.dictionaries(TEXTS, DATA, max_size=5))
def test_json_written_is_json_read(data):
    assert read_text(json.dumps(data), is_json=True) == data


@pytest.mark.parametrize(
    "text", ["1.5", ".5", "-.5", "1.", "1.5e3", ".5e3", ".inf", "-.INF", ".nan", "1e400", "NaN"]
)
def test_text_that_looks_like_a_number_survives_yaml(text):
    assert read_text(to_yaml({"value": text})) == {"value": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("2026-01-01", "2026-01-01"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("5", 5),
        ("-0", 0),
        ("null", None),
        ("1e400", "1e400"),
        ("NaN", "NaN"),
    ],
)
def test_plain_scalars_are_not_guessed(text, value):
    assert read_text(f"value: {text}") == {"value": value}


@pytest.mark.parametrize("is_json", [True, False])
def test_an_integer_without_end_is_refused(is_json):
    with pytest.raises(DomainError, match="整数太大"):
        read_text('{"a": %s}' % ("9" * 5_000), is_json=is_json)


@pytest.mark.parametrize("number", ["2.5", ".inf", "-.Inf", ".nan", "1.5e400", ".5"])
def test_a_float_is_refused_with_its_line(number):
    with pytest.raises(DomainError, match="第 2 行.*加引号"):
        read_text(f"a: 1\nvalue: {number}")


@pytest.mark.parametrize("number", ["2.5", "1e400", "NaN", "Infinity", "-Infinity"])
def test_a_float_in_json_is_refused(number):
    with pytest.raises(DomainError, match="加引号"):
        read_text(f'{{"value": {number}}}', is_json=True)


@pytest.mark.parametrize(
    ("text", "is_json"),
    [("a: 1\nb: 2\na: 3\n", False), ('{"a": 1, "a": 2}', True), ("x: {a: 1, a: 1}", False)],
)
def test_a_duplicate_key_is_refused(text, is_json):
    with pytest.raises(DomainError, match="“a”重复"):
        read_text(text, is_json=is_json)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x", "别名"),
        ("a: !!python/object/apply:os.system [ls]", "标签"),
        ("a: !!float 1", "标签"),
        ("a: [1", "第 1 行：括号没有成对"),
        ("a:\n\tb: 1", "第 2 行：这里用了制表符（Tab）"),
        ("a: b: c", "冒号的位置不对"),
        ("a: 'b", "引号没有成对"),
        ("- a\nb: 1", "缩进没有对齐"),
        ("a: 1\n---\nb: 1", "一个文件只能有一份内容"),
        ("1: a", "加引号"),
        ("a: " + "[" * 5000, "太深"),
    ],
)
def test_what_is_no_plain_data_is_refused(text, said):
    with pytest.raises(DomainError, match=said):
        read_text(text)


def test_a_json_syntax_error_names_its_place():
    with pytest.raises(DomainError, match="第 2 行第 6 列"):
        read_text('{"a":\n "b" x}', is_json=True)


def test_deep_json_is_refused():
    with pytest.raises(DomainError, match="太深"):
        read_text("[" * 200_000, is_json=True)


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "gbk.yaml"
    path.write_bytes("标题: 奖励".encode("gbk"))
    with pytest.raises(DomainError, match="UTF-8"):
        read_file(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DomainError, match="找不到"):
        read_file(tmp_path / "none.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "bom.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"a": 1}).encode())
    assert read_file(path) == {"a": 1}


def test_ordinary_yaml_libraries_read_what_we_write():
    data = {"text": "1.5", "yes": "on", "when": "2026-01-01", "none": None, "list": [1, True]}
    assert yaml.safe_load(to_yaml(data)) == data
