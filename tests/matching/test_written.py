"""Rules as text: nothing is lost, and people read them in the usual order."""

import json

from hypothesis import given
from hypothesis import strategies as st

from matching.explaining.written import WIDTH, written

KEYS = st.sampled_from(["all", "any", "fact", "op", "value", "unit", "of", "clause", "when", "then", "x"])
TREES = st.recursive(
    st.text(max_size=30) | st.booleans() | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(TREES)
def test_what_is_written_reads_back_the_same(tree):
    assert json.loads(written(tree)) == tree


def test_a_short_node_is_one_line_in_reading_order():
    leaf = {"op": ">=", "clause": "第二条", "unit": "万元", "fact": "revenue", "value": "2000"}
    line = '{"fact": "revenue", "op": ">=", "value": "2000", "unit": "万元", "clause": "第二条"}'
    assert written(leaf) == line


def test_lines_stay_short_while_nodes_are_small():
    rule = {"of": {"sum": [{"name": "奖励", "fixed": "10", "unit": "万元"}] * 5}, "cap": {"value": "60"}}
    lines = written(rule).splitlines()
    assert all(len(line) <= WIDTH for line in lines)
    assert lines[1].strip().startswith('"cap"')
