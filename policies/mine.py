"""The enterprise's own pages of policies: all of them by how they stand, and one of them with its reasons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from enterprises.acting import act
from enterprises.catalogue import FactSpec, Value
from enterprises.services import knowledge_of
from enterprises.values import parse_value, range_words
from enterprises.views import declare
from matching.claims import claim_facts
from matching.explaining.explain import Explanation, explain
from matching.plain.evaluate import judge
from matching.services import context_for, rule_tree
from matching.trees import rule_trees
from policies.applying.doors import door_to
from policies.applying.pages.waiting import alive, begun
from policies.book import in_force
from policies.exclusive import name_rivals
from policies.models import Application, ItemVersion
from policies.standing import Standing, standing
from policies.survey import Found, Survey, survey
from policies.views import described, shown_version
from portal.kernel.errors import DomainError

PAGE_SIZE = 15
ANSWER = "answer-"
"""Prefix of the GET parameters that answer a claim's questions: tried out, never stored."""
TABS: Mapping[str, tuple[Promise, Promise]] = {
    "fits": (gettext_lazy("符合"), gettext_lazy("条件都核对通过了，按“怎么拿”去办就行。")),
    "open": (gettext_lazy("对您开放"), gettext_lazy("企业条件都符合，填上这次申报的情况就知道能拿多少。")),
    "needs": (gettext_lazy("待补充"), gettext_lazy("还缺信息，补上就能定；没有信息不等于不符合。")),
    "near": (gettext_lazy("差一点"), gettext_lazy("只差一条，而且够得着；写明了还差多少。")),
    "held": (gettext_lazy("已取得"), gettext_lazy("办成后得到的资质，本企业已经有了，有效期内不用再办。")),
    "not": (gettext_lazy("不符合"), gettext_lazy("有条件没达到；每项都写明了是哪一条。")),
}


@require_safe
def my_policies(request: HttpRequest, enterprise: int) -> HttpResponse:
    """Items by how they stand, see `TABS`; each row says why."""
    actor = act(request, enterprise)
    today = timezone.localdate()
    surveyed = survey(actor.enterprise, today)
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = next((key for key in TABS if surveyed.groups[key]), "fits")
    mode = request.GET.get("mode", "")
    found = [one for one in surveyed.groups[tab] if mode in ("", one.entry.mode)]
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = page.object_list
    address = reverse("enterprise_policies", args=[enterprise])
    context = {
        "enterprise": actor.enterprise,
        "tab": tab,
        "mode": mode,
        "explain": TABS[tab][1],
        "page": page,
        "standings": standings(surveyed, shown, texts(surveyed, shown), begun(alive(actor), today)),
        "tabs": [
            {
                "url": f"{address}?tab={key}",
                "label": label,
                "count": len(surveyed.groups[key]),
                "current": key == tab,
            }
            for key, (label, _said) in TABS.items()
            if key != "held" or surveyed.groups[key] or key == tab
        ],
        "facts_url": reverse("enterprise_facts", args=[enterprise]),
    }
    return render(request, "enterprises/policies.html", context)


@require_safe
def my_policy(request: HttpRequest, enterprise: int, code: str) -> HttpResponse:
    """One item before the enterprise, condition by condition; claim questions may be tried out."""
    actor = act(request, enterprise)
    version = shown_version(request, code)
    if not version.is_in_force:
        return render(request, "policies/ended.html", {"enterprise": actor.enterprise, **described(version)})
    return item_page(request, version)


@require_http_methods(["GET", "HEAD", "POST"])
def supply(request: HttpRequest, enterprise: int, code: str, key: str) -> HttpResponse:
    """Record a missing fact from the item's page, then show the item as it stands now.

    A GET, say after signing in again, leads back to that page.
    """
    actor = act(request, enterprise)
    if request.method != "POST":
        return redirect("enterprise_policy", enterprise, code)
    version = shown_version(request, code)
    try:
        declare(actor, key, request)
    except DomainError as error:
        failed = {
            "fact": key,
            "period": request.POST.get("period", ""),
            "value": "、".join(request.POST.getlist("value")),
            "message": str(error),
        }
        response = item_page(request, version, failed=failed, status=422)
        response.headers["HX-Reswap"] = "outerHTML"  # stay where the error is, not at the top
        return response
    messages.success(request, _("已记下，结果已更新。您填的标为“企业自报”，拨付时以部门核实的数据为准。"))
    tried = Answers.query(request.GET)
    return redirect(reverse("enterprise_policy", args=[enterprise, code]) + (tried and f"?{tried}"))


def item_page(
    request: HttpRequest, version: ItemVersion, *, failed: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    """The item's page for the enterprise that `act` put on the request."""
    enterprise = request.enterprise  # type: ignore[attr-defined]
    today = timezone.localdate()
    name_rivals([version], in_force(today))
    knowledge = knowledge_of(enterprise, as_of=today)
    tree = rule_tree(version.rule_version, knowledge.catalogue)
    specs = [knowledge.catalogue[key] for key in sorted(claim_facts(tree, knowledge.catalogue))]
    answers = Answers.read(request.GET, specs)
    judged = judge(tree, knowledge.with_claims(answers.values), context_for(today, knowledge=knowledge))
    explanation = explain(judged, tree, knowledge.catalogue)
    url = reverse("enterprise_policy", args=[enterprise.pk, version.item.code])
    context = {
        "enterprise": enterprise,
        "version": version,
        "explanation": explanation,
        "standing": standing(version, explanation, url, knowledge),
        "questions": answers.questions,
        "answered": bool(answers.values),
        "tried": Answers.query(request.GET),
        "amount_rows": [row for row in explanation.amount_rows if row.state != "off"],
        "off_rows": [row for row in explanation.amount_rows if row.state == "off" and row.basis],
        "fact_needs": _fact_needs(explanation),
        "failed": failed or {},
        "sources": version.sources.select_related("document"),
        "door": door_to(version, enterprise, today, asks=_asks(explanation)),
    }
    return render(request, "policies/mine.html", context, status=status)


@dataclass
class Answers:
    """What the address says of a claim: values that could be read, and each question with its words."""

    values: dict[str, Value] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)

    @staticmethod
    def query(given: QueryDict) -> str:
        """The part of an address that answers, so that it outlives the supply of a fact."""
        answers = [(key, value) for key, values in given.lists() for value in values]
        return urlencode([pair for pair in answers if pair[0].startswith(ANSWER)])

    @classmethod
    def read(cls, given: Any, specs: list[FactSpec]) -> "Answers":
        """Read `answer-<fact>` parameters; one that is no value is shown with its error and not used."""
        answers = cls()
        for spec in specs:
            text = "、".join(given.getlist(ANSWER + spec.key)).strip()
            error = ""
            if text:
                try:
                    answers.values[spec.key] = parse_value(
                        spec, text, unit="万元" if spec.kind == "money" else ""
                    )
                except DomainError as refusal:
                    error = str(refusal)
            said = {"name": ANSWER + spec.key, "value": text, "error": error, "hint": range_words(spec)}
            answers.questions.append({"spec": spec, **said})
        return answers


def texts(surveyed: Survey, found: Iterable[Found]) -> dict[int, ItemVersion]:
    """The versions with what a row shows, by id: one query."""
    versions = ItemVersion.objects.for_lists().in_bulk({one.entry.version_id for one in found})
    name_rivals(versions.values(), surveyed.book)
    return versions


def standings(
    surveyed: Survey,
    found: Iterable[Found],
    versions: Mapping[int, ItemVersion],
    applied: Mapping[int, Application],
) -> list[Standing]:
    """The rows of a page, explained; `versions` as `texts` gives them, `applied` by item. No query."""
    catalogue = surveyed.knowledge.catalogue
    shown = list(found)
    trees = rule_trees([one.entry.rule_version_id for one in shown], catalogue)
    rows = []
    for one, tree in zip(shown, trees, strict=True):
        version = versions[one.entry.version_id]
        judged = judge(tree, surveyed.knowledge, surveyed.context)
        explanation = explain(judged, tree, catalogue, amounts=False)
        url = reverse("enterprise_policy", args=[surveyed.enterprise.pk, version.item.code])
        row = standing(version, explanation, url, surveyed.knowledge)
        rows.append(replace(row, applied=applied.get(one.entry.item_id)))
    return rows


def _asks(explanation: Explanation) -> bool:
    """Whether the enterprise has anything to answer before it applies."""
    needs = (*explanation.needs, *explanation.amount_needs)
    return explanation.questions > 0 or any(need.here for need in needs)


def _fact_needs(explanation: Explanation) -> list[Any]:
    """What would settle the amount and the enterprise can supply, beyond what its conditions ask."""
    asked = {(need.fact, need.period) for need in explanation.needs}
    return [
        need
        for need in explanation.amount_needs
        if need.here and not need.question and (need.fact, need.period) not in asked
    ]
