"""Files in and out: whole or not at all, unchanged is untouched, and what goes out comes in again."""

import copy
import datetime as dt
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from policies.enums import DocumentState, VersionState
from policies.exchange.checking import ExchangeRefused
from policies.exchange.exporting import export_file, export_item, to_yaml
from policies.exchange.importing import import_data, import_files
from policies.exchange.reading import read_file
from policies.models import ItemVersion, PolicyDocument, PolicyItem, Push
from portal.kernel.errors import DomainError
from tests.accounts.factories import UserFactory
from tests.policies.files import example

pytestmark = pytest.mark.django_db
DEMO = sorted((settings.BASE_DIR / "policies" / "demo").glob("*.yaml"))


def put(data, publish=False, **people):
    editor = people.get("editor") or UserFactory(is_superuser=True)
    publisher = UserFactory(is_superuser=True) if publish else None
    return import_data({"file": data}, editor=editor, publisher=publisher)


def refusal(data):
    with pytest.raises(ExchangeRefused) as refused:
        put(data)
    assert not PolicyItem.objects.exists()
    assert not PolicyDocument.objects.exists()
    return [(one.code, one.pointer, one.message) for one in refused.value.complaints]


def test_a_file_becomes_drafts():
    outcome = put(example())
    version = ItemVersion.objects.get()
    assert (outcome.created, outcome.documents, outcome.published) == (["ITEM-A"], 1, [])
    assert version.state == VersionState.DRAFT
    assert version.budget_fen == 300_000_000
    assert version.rule_version.valid.upper == dt.date(2100, 1, 1)
    assert version.sources.get().document.state == DocumentState.DRAFT
    assert not Push.objects.exists()


def test_what_goes_out_comes_in_unchanged():
    put(example())
    written = export_file(ItemVersion.objects.all())
    again = put(written)
    assert again.unchanged == ["ITEM-A"]
    assert again.documents == 0
    assert export_file(ItemVersion.objects.all()) == written


def test_an_unchanged_item_is_not_touched():
    put(example())
    before = ItemVersion.objects.values().get()
    assert put(example()).unchanged == ["ITEM-A"]
    assert ItemVersion.objects.values().get() == before


def test_a_changed_draft_stays_one_draft():
    put(example())
    changed = example()
    changed["items"][0]["title"] = "改名"
    second = UserFactory(is_superuser=True)
    assert put(changed, editor=second).changed == ["ITEM-A"]
    version = ItemVersion.objects.get()
    assert version.title == "改名"
    assert version.editors.count() == 2


def test_a_changed_published_item_gets_a_new_draft():
    put(example(), publish=True)
    changed = example()
    changed["items"][0]["gain"] = "一次性奖励 20 万元。"
    assert put(changed).changed == ["ITEM-A"]
    assert list(ItemVersion.objects.order_by("number").values_list("state", flat=True)) == [
        "published",
        "draft",
    ]
    assert put(changed).unchanged == ["ITEM-A"]


def test_publishing_a_changed_item_supersedes_and_a_replay_changes_nothing():
    put(example(), publish=True)
    changed = example()
    changed["items"][0]["gain"] = "一次性奖励 20 万元。"
    assert put(changed, publish=True).published == ["ITEM-A"]
    states = ItemVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["superseded", "published"]
    assert ItemVersion.objects.get(number=2).rule_version.valid.lower == timezone.localdate()
    again = put(changed, publish=True)
    assert (again.unchanged, again.published) == (["ITEM-A"], [])


def test_the_editor_cannot_publish_their_own_file():
    both = UserFactory(is_superuser=True)
    with pytest.raises(DomainError, match="编写人不能发布"):
        import_data({"file": example()}, editor=both, publisher=both)
    assert not PolicyItem.objects.exists()


def test_a_published_document_changes_only_with_a_publisher():
    put(example(), publish=True)
    changed = example()
    changed["documents"][0]["title"] = "新标题"
    with pytest.raises(ExchangeRefused, match="已发布"):
        put(changed)
    assert put(changed, publish=True).documents == 1


def _mended(path, value):
    data = example()
    *way, last = path
    place = data
    for key in way:
        place = place[key]
    if value is _GONE:
        del place[last]
    else:
        place[last] = value
    return data


_GONE = object()
ITEM = ("items", 0)


@pytest.mark.parametrize(
    ("path", "value", "pointer", "said"),
    [
        (("format",), 2, "/format", "应为“1”"),
        ((*ITEM, "titel"), "x", "/items/0", "不认识的字段：titel"),
        ((*ITEM, "title"), _GONE, "/items/0", "缺少字段：title"),
        ((*ITEM, "title"), "", "/items/0/title", "不能为空"),
        ((*ITEM, "title"), 5, "/items/0/title", "“5”请加引号写成文字"),
        ((*ITEM, "mode"), "magic", "/items/0/mode", "不在可选值中"),
        ((*ITEM, "mode"), "offline", "/items/0/where", "去哪办"),
        ((*ITEM, "budget"), "三百万", "/items/0/budget", "格式不对"),
        ((*ITEM, "department"), "no_such", "/items/0/department", "没有编码为“no_such”的部门"),
        ((*ITEM, "sources", 0, "document"), "DOC-X", "/items/0/sources/0/document", "DOC-X"),
        ((*ITEM, "window", "from"), "2026-02-30", "/items/0/window/from", "不是存在的日期"),
        ((*ITEM, "window"), {"from": "2026-02-01", "to": "2026-01-31"}, "/items/0/window/to", "不能早于"),
        ((*ITEM, "rule", "valid_to"), "2025-12-31", "/items/0/rule/valid_to", "不能早于"),
        ((*ITEM, "rule", "valid_to"), "9999-12-31", "/items/0/rule/valid_to", "长期有效的请留空"),
        ((*ITEM, "window", "to"), "2200-01-01", "/items/0/window/to", "长期有效的请留空"),
        ((*ITEM, "title"), "长" * 201, "/items/0/title", "太长，最多 200 个字"),
        ((*ITEM, "sources", 0, "clause"), "长" * 201, "/items/0/sources/0/clause", "太长，最多 200 个字"),
        ((*ITEM, "steps", 0), "申\0报", "/items/0/steps/0", "无法保存的字符"),
        ((*ITEM, "targets"), {"\0": 1}, "/items/0/targets", "无法保存的字符"),
        (("documents", 0, "title"), "半个\ud83d字", "/documents/0/title", "无法保存的字符"),
        ((*ITEM, "quota"), 10**400, "/items/0", "小于或等于"),
        (
            (*ITEM, "materials", 0, "from_facts"),
            ["no_such"],
            "/items/0/materials/0/from_facts/0",
            "没有登记指标",
        ),
        (
            (*ITEM, "rule", "conditions", "all", 1, "fact"),
            "no_such",
            "/items/0/rule/conditions/all/1/fact",
            "no_such",
        ),
        (
            (*ITEM, "rule", "conditions", "all", 1, "unit"),
            "公斤",
            "/items/0/rule/conditions/all/1/value",
            "请写明单位元、万元或亿元",
        ),
        ((*ITEM, "rule", "amount", "fixed"), "１e400", "/items/0/rule/amount/fixed", "１e400"),
        ((*ITEM, "examples", 0, "verdict"), "ineligible", "/items/0/examples/0", "应为“不符合”，算出“符合”"),
        (
            (*ITEM, "examples", 0, "amount"),
            ["10 万元", "20 万元"],
            "/items/0/examples/0",
            "金额应为 10 万元 – 20 万元",
        ),
        ((*ITEM, "examples", 0, "facts", "no_such"), "1", "/items/0/examples/0", "no_such"),
        ((*ITEM, "examples", 0, "facts", "revenue"), "5 元", "/items/0/examples/0", "按年取值"),
        (("documents", 0, "issued_on"), "2026-13-01", "/documents/0/issued_on", "不是存在的日期"),
        (("documents", 0, "region"), "500999", "/documents/0/region", "没有代码为“500999”的行政区划"),
        ((*ITEM, "region"), "500999", "/items/0/region", "没有代码为“500999”的行政区划"),
        ((*ITEM, "department"), "economics", "/items/0/department", "economy（县经济和信息化委员会）"),
        ((*ITEM, "rule", "governing_date"), "event", "/items/0/rule/event_fact", "须写明事件指标"),
        ((*ITEM, "rule", "amount"), None, "/items/0/rule/amount", "须写奖补标准"),
        ((*ITEM, "rule", "valid_from"), None, "/items/0/rule/valid_from", "日期写成 2026-01-31 的样子"),
        ((*ITEM, "handling_workdays"), "15", "/items/0/handling_workdays", "去掉引号"),
        ((*ITEM, "exampels"), [], "/items/0", "是不是 examples？"),
        ((*ITEM, "examples", 0, "amount"), [1, 2], "/items/0/examples/0/amount/0", "金额写成 3 万元"),
        (
            (*ITEM, "examples", 0, "amount"),
            ["100,000 元", "10 万元"],
            "/items/0/examples/0/amount/0",
            "不加千分位逗号",
        ),
        ((*ITEM, "examples", 1, "amount"), ["0 元", "0 元"], "/items/0/examples/1", "不符合的样例没有金额"),
        ((*ITEM, "examples", 1, "verdict"), "eligible", "/items/0/examples/1", "营业收入不低于 2000 万元"),
        ((*ITEM, "examples", 2, "verdict"), "eligible", "/items/0/examples/2", "还缺 revenue 2025"),
        ((*ITEM, "examples", 0, "facts", "loan_amount"), "1 万元", "/items/0/examples/0", "写在 claims 里"),
        ((*ITEM, "examples", 0, "claims"), {"employees": "1"}, "/items/0/examples/0", "写在 facts 里"),
        ((*ITEM, "examples", 0, "facts", "size"), {"2025": "small"}, "/items/0/examples/0", "employees（"),
        ((*ITEM, "examples", 0, "facts", "revenue"), {"2025": "2000"}, "/items/0/examples/0", "请写明单位"),
        ((*ITEM, "examples", 0, "facts", "credentials"), "n/a", "/items/0/examples/0", "应为列表"),
        ((*ITEM, "examples", 0, "facts", "credentials"), ["hightech"], "/items/0/examples/0", "high_tech（"),
        ((*ITEM, "examples", 0, "facts", "established_on"), "20240101", "/items/0/examples/0", "2024-02-28"),
        (
            (*ITEM, "examples", 0, "facts", "employees"),
            {"2025": 5},
            "/items/0/examples/0/facts/employees/2025",
            "“5”请加引号",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_nothing_is_written(path, value, pointer, said):
    found = refusal(_mended(path, value))
    assert any(place == pointer and said in message for _code, place, message in found), found


def test_a_unit_of_its_own_may_stand_behind_an_examples_value():
    data = example()
    data["items"][0]["examples"][0]["facts"] |= {
        "layoff_rate": {"2025": "5.5%"},
        "employees": {"2025": "12 人"},
    }
    assert put(data).created == ["ITEM-A"]


def test_a_draft_may_lack_examples_and_is_not_published_without():
    data = example()
    data["items"][0]["examples"] = data["items"][0]["examples"][:1]
    assert put(data).lacking == {"ITEM-A": ["待补充", "不符合"]}
    with pytest.raises(DomainError, match="还没有“待补充、不符合”的样例"):
        put(data, publish=True)


def test_errors_of_a_yaml_file_name_the_line(tmp_path):
    data = example()
    data["items"][0]["rule"]["conditions"]["all"][1]["fact"] = "no_such"
    del data["items"][0]["title"]
    text = to_yaml(data)
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExchangeRefused) as refused:
        import_files([path], editor=UserFactory(is_superuser=True))
    (missing,) = refused.value.complaints
    assert text.splitlines()[missing.line - 1] == "- code: ITEM-A"
    data["items"][0]["title"] = "有了"
    path.write_text(text := to_yaml(data), encoding="utf-8")
    with pytest.raises(ExchangeRefused, match="第 .* 行") as refused:
        import_files([path], editor=UserFactory(is_superuser=True))
    (unknown,) = refused.value.complaints
    assert "fact: no_such" in text.splitlines()[unknown.line - 1]


def test_every_error_is_told_with_its_items_code():
    data = _mended((*ITEM, "department"), "no_such")
    data["items"].append(copy.deepcopy(data["items"][0]) | {"code": "ITEM-B", "mode": "offline"})
    codes = {code for code, _pointer, _message in refusal(data)}
    assert codes == {"ITEM-A", "ITEM-B"}


def test_a_code_that_comes_twice_is_refused():
    data = example()
    data["items"].append(copy.deepcopy(data["items"][0]))
    assert refusal(data) == [("ITEM-A", "/items/1/code", "编码与 /items/0 重复。")]


def test_a_tree_too_deep_is_refused():
    deep = {"fact": "region", "op": "within", "value": ["500231"]}
    for _level in range(7):
        deep = {"all": [deep]}
    found = refusal(_mended((*ITEM, "rule", "conditions"), deep))
    assert any(pointer.startswith("/items/0/rule/conditions/all") for _code, pointer, _message in found)


@pytest.mark.parametrize("data", [None, [], "text", 5, {"format": 1, "documents": 3, "items": [None]}])
def test_what_is_no_file_of_this_format_is_refused(data):
    assert refusal(data)


def test_a_department_does_not_change_by_import():
    put(example(), publish=True)
    with pytest.raises(ExchangeRefused, match="主管部门"):
        put(_mended((*ITEM, "department"), "science"))


def test_the_same_document_in_two_files_is_one():
    other = example()
    other["items"][0]["code"] = "ITEM-B"
    import_data({"a": example(), "b": other}, editor=UserFactory(is_superuser=True))
    assert PolicyDocument.objects.count() == 1
    other["documents"][0]["title"] = "另一个"
    with pytest.raises(ExchangeRefused, match="内容却不同"):
        import_data({"a": example(), "b": other}, editor=UserFactory(is_superuser=True))


@pytest.mark.slow
def test_the_demo_loads_publishes_and_round_trips(tmp_path):
    editor, publisher = (UserFactory(is_superuser=True) for _person in range(2))
    outcome = import_files(DEMO, editor=editor, publisher=publisher)
    assert len(outcome.published) >= 60
    versions = ItemVersion.objects.in_force(timezone.localdate())
    assert versions.count() == len(outcome.published)
    for name in ("all.yaml", "all.json"):
        path = tmp_path / name
        call_command("export_policies", output=path, verbosity=0)
        assert read_file(path) == export_file(versions)
        again = import_files([path], editor=editor)
        assert len(again.unchanged) == len(outcome.published)
        assert again.documents == 0


def test_the_commands(tmp_path, capsys):
    path = tmp_path / "policies.json"
    path.write_text(json.dumps(example()), encoding="utf-8")
    call_command("import_policies", path)
    said = capsys.readouterr().out
    assert "新增 1" in said
    assert "均为草稿，尚未发布" in said
    call_command("export_policies")
    assert "--latest" in capsys.readouterr().err
    call_command("export_policies", "ITEM-A", latest=True)
    assert "ITEM-A" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有可导出"):
        call_command("export_policies", "ITEM-A")
    with pytest.raises(CommandError, match="--editor"):
        call_command("import_policies", path, publish=True)
    with pytest.raises(CommandError, match="没有用户"):
        call_command("import_policies", path, editor="nobody")
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("import_policies", Path("none.yaml"))


def test_an_exported_item_is_the_canonical_import():
    put(example())
    item = export_item(ItemVersion.objects.get())
    assert item["window"] == {"from": "2026-01-01", "to": None, "note": None}
    assert item["budget"] == "300 万元"
    assert item["rule"]["valid_to"] == "2099-12-31"
