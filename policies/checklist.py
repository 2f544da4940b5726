"""What must be in order before a version is published, told to the official point by point."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from enterprises.services import load_catalogue
from matching.models import RuleVersion
from matching.parse import RuleErrors, parse_rule
from matching.services import load_figures
from matching.tree import RuleTree
from policies.enums import Benefit, DocumentState, Mode, VersionState
from policies.examples import ExampleResult, missing_verdicts, try_examples
from policies.models import ItemVersion
from portal.kernel.steps import Check

NO_AMOUNT = lazy("资金奖补的事项须写奖补标准；来源没有给数字的，写成文字（text）。")
NO_EVENT = lazy(
    "按事件发生日适用的规则须写明事件指标（event_fact）；没有事件的，适用日期改为 application 或 decision。"
)

TWINS_NAMED = 3
"""Of items that look the same, how many a note names."""


def lacks_event(governing_date: str, event_fact: str | None) -> bool:
    """Whether a rule goes by the day of an event that it does not name."""
    return governing_date == "event" and not event_fact


def checklist(version: ItemVersion, *, today: dt.date | None = None) -> list[Check]:
    """Every point, passed or not, in the order in which an official reads it."""
    day = today or timezone.localdate()
    points: tuple[Callable[[ItemVersion, dt.date], Check], ...] = (
        _rule,
        _examples,
        _dates,
        _text,
        _sources,
        _twins,
    )
    return [point(version, day) for point in points]


def problems(version: ItemVersion) -> list[str]:
    """All that stops a version from being published; empty when nothing does."""
    return [problem for check in checklist(version) for problem in check.problems]


def parse(version: ItemVersion) -> RuleTree:
    """The version's rule, normalised. Raises matching.parse.RuleErrors."""
    rule = version.rule_version
    return parse_rule(
        rule.conditions,
        rule.amount,
        catalogue=load_catalogue(),
        reference_year=rule.reference_year,
        event_fact=rule.event_fact or None,
    )


def example_results(version: ItemVersion, tree: RuleTree) -> list[ExampleResult]:
    """The version's examples, tried on its rule."""
    rule = version.rule_version
    begin = rule.begins or timezone.localdate()
    return try_examples(
        tree,
        rule.examples,
        catalogue=load_catalogue(),
        as_of=begin,
        figures=load_figures(),
        region=settings.COUNTY_CODE,
    )


def _rule(version: ItemVersion, today: dt.date) -> Check:
    label = _("条件和标准：类型、单位、引用都能解析")
    try:
        tree = parse(version)
    except RuleErrors as error:
        return Check(label, tuple(f"{one.path or '/'}：{one.message}" for one in error.errors))
    if version.benefit == Benefit.MONEY and tree.amount is None:
        return Check(label, (str(NO_AMOUNT),))
    if lacks_event(version.rule_version.governing_date, version.rule_version.event_fact):
        return Check(label, (str(NO_EVENT),))
    return Check(label)


def _examples(version: ItemVersion, today: dt.date) -> Check:
    label = _("样例：算出的结果与写明的一致")
    try:
        tree = parse(version)
    except RuleErrors:
        return Check(label, (_("条件未能解析，样例无法试算。"),))
    results = example_results(version, tree)
    failed = tuple(f"{result.name}：{result.problem}" for result in results if not result.passed)
    missing = lacking_examples(version, tree)
    if missing:
        failed += (_("还没有“%(kinds)s”的样例，请各写一个。") % {"kinds": "、".join(missing)},)
    return Check(label, failed)


def lacking_examples(version: ItemVersion, tree: RuleTree) -> list[str]:
    """Names of the verdicts that still want an example."""
    rule = version.rule_version
    begin = rule.valid.lower if rule.valid and rule.valid.lower else timezone.localdate()
    return missing_verdicts(tree, rule.examples, load_catalogue(), begin)


def _dates(version: ItemVersion, today: dt.date) -> Check:
    valid = version.rule_version.valid
    found: list[str] = []
    notes: list[str] = []
    if not valid or valid.lower is None:
        found.append(_("请填写从哪一天起有效。"))
    elif valid.upper is not None and valid.upper <= today:
        found.append(_("有效期已经结束，请修改有效期。"))
    else:
        found += _taken(version)
    if version.window_from and version.window_to and version.window_to < version.window_from:
        found.append(_("申报截止日不能早于开始日。"))
    if version.window_to and version.window_to < today:
        notes.append(_("申报已于 %(day)s 截止，发布后只供查阅。") % {"day": version.window_to})
    if valid and valid.upper and version.window_to and version.window_to >= valid.upper:
        notes.append(_("申报截止日晚于有效期，请核对。"))
    return Check(_("时间：有效期和申报时间合理"), tuple(found), tuple(notes))


def _taken(version: ItemVersion) -> list[str]:
    """Standing versions of the rule that do not make way for this one, as `matching` will say at last."""
    rule = version.rule_version
    begins = rule.begins
    others = RuleVersion.objects.standing().filter(rule=rule.rule_id, valid__overlap=rule.valid)
    return [
        _("第 %(number)d 版从 %(day)s 起有效且不再让出时间，请把新版本的生效日改到它之后，或先撤回它。")
        % {"number": other.number, "day": other.begins}
        for other in others.exclude(pk=rule.pk)
        if begins is None or other.begins is None or other.begins >= begins or other.closed_at is not None
    ]


def after_withdrawal(version: ItemVersion) -> str:
    """What to know before a version is withdrawn that took the place of another; empty when it did not."""
    begins = version.rule_version.begins
    standing = RuleVersion.objects.standing().filter(rule=version.rule_version.rule_id)
    earlier = standing.filter(valid__endswith=begins, closed_at__isnull=False).first()
    if begins is None or earlier is None:
        return ""
    return _(
        "第 %(number)d 版因这一版定在 %(day)s 结束，撤回后不会延长；"
        "要继续执行，请撤回后编写从 %(day)s 起有效的新版本。"
    ) % {"number": earlier.number, "day": begins}


def _text(version: ItemVersion, today: dt.date) -> Check:
    found: list[str] = []
    if version.mode in (Mode.OFFLINE, Mode.ELSEWHERE) and not version.where.strip():
        found.append(_("线下或其他平台办理的事项，须写明去哪办、问谁。"))
    notes = () if version.contacts else (_("没有写咨询电话，页面将显示部门电话。"),)
    return Check(_("内容：怎么办、问谁写清楚"), tuple(found), notes)


def _sources(version: ItemVersion, today: dt.date) -> Check:
    sources = list(version.sources.select_related("document"))
    found = [
        _("出处“%(title)s”还没有发布。") % {"title": source.document.title}
        for source in sources
        if source.document.state == DocumentState.DRAFT
    ]
    if not sources:
        found.append(_("请写明出自哪份文件。"))
    return Check(_("出处：文件已发布"), tuple(found))


def _twins(version: ItemVersion, today: dt.date) -> Check:
    """Other items that stand beside it and look like the same money a second time."""
    label = _("重复：没有与其他事项相同")
    rule = version.rule_version
    if not rule.valid:
        return Check(label)
    alike = Q(title=version.title)
    if rule.amount is not None:
        alike |= Q(rule_version__conditions=rule.conditions, rule_version__amount=rule.amount)
    standing = ItemVersion.objects.filter(
        state=VersionState.PUBLISHED, rule_version__valid__overlap=rule.valid
    )
    twins = standing.filter(alike).exclude(item=version.item_id)
    if version.exclusivity_group:
        twins = twins.exclude(exclusivity_group=version.exclusivity_group)
    named = twins.order_by("-pk").values_list("item__code", "title")[:TWINS_NAMED]
    words = _(
        "与“%(title)s”（%(code)s）名称相同，或者条件和标准都相同，又不在同一个就高不重复组："
        "企业会收到两项，金额会算两遍。不是同一件事的请改名，是同一件事的请写同一个组。"
    )
    return Check(label, notes=tuple(words % {"title": title, "code": code} for code, title in named))
