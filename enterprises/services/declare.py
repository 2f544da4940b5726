"""An enterprise says what is missing: a declared value, good for showing, never for paying."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.actors import Actor
from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Scope, Tier
from enterprises.models import FactValue
from enterprises.services.catalogue import load_catalogue
from enterprises.services.locks import take_turn
from enterprises.services.registry import columns_of
from enterprises.values import parse_value
from portal.kernel.errors import DomainError


@transaction.atomic
def declare_fact(
    actor: Actor,
    key: str,
    period: int | None,
    text_value: str,
    *,
    unit: str = "",
    as_of: dt.date | None = None,
) -> FactValue:
    """Record what a member says of the enterprise they act for.

    ``text_value`` is read strictly, money in ``unit`` (元) unless it names one; ``不适用`` is an answer too.
    Who says the same of the same day again (posts twice) gets the row that says so already.
    Raises DomainError when the fact is not one to declare, the year does not fit, or the text does not.
    """
    spec = load_catalogue().get(key)
    if spec is None:
        raise DomainError(_("没有这项指标，请刷新页面。"), code="fact_unknown")
    today = timezone.localdate()
    _check_declarable(spec)
    _check_period(spec, period, today)
    value = parse_value(spec, text_value, unit=unit)
    columns: dict[str, Any] = {"not_applicable": True}
    if value is not NOT_APPLICABLE:
        numeric = spec.numeric or isinstance(value, bool)
        columns = columns_of(value, spec.to_scaled(value) if numeric else None)
    place = {
        "enterprise_id": actor.enterprise.pk,
        "fact_id": spec.id,
        "period": period,
        "tier": Tier.DECLARED,
        "as_of": as_of or today,
    }
    take_turn("declare", actor.enterprise.pk)
    said = FactValue.objects.filter(**place).order_by("-recorded_at", "-pk").first()
    if said is not None and all(getattr(said, name) == told for name, told in columns.items()):
        return said
    return FactValue.objects.create(**place, **columns, recorded_by=actor.user)


def can_declare(spec: FactSpec) -> bool:
    """Whether a member may supply it: of the enterprise, not computed, not kept by a department alone."""
    return spec.scope is Scope.ENTERPRISE and not spec.derived and spec.supply < Tier.OFFICIAL


def _check_declarable(spec: FactSpec) -> None:
    if spec.scope is Scope.CLAIM:
        raise DomainError(_("“%(label)s”在申报时填写。") % {"label": spec.label}, code="fact_of_claim")
    if spec.derived:
        raise DomainError(
            _("“%(label)s”由其他指标计算得出，请补充所依据的指标。") % {"label": spec.label},
            code="fact_derived",
        )
    if not can_declare(spec):
        raise DomainError(
            _("“%(label)s”以%(department)s的数据为准，如有出入请联系该部门。")
            % {"label": spec.label, "department": spec.department or _("主管部门")},
            code="fact_official",
        )


def _check_period(spec: FactSpec, period: int | None, today: dt.date) -> None:
    if spec.periodic and period is None:
        raise DomainError(_("请选择“%(label)s”是哪一年的。") % {"label": spec.label}, code="period_missing")
    if not spec.periodic and period is not None:
        raise DomainError(_("“%(label)s”不分年度。") % {"label": spec.label}, code="period_unwanted")
    if period is not None and not 1949 <= period <= today.year:
        raise DomainError(
            _("年度应在 1949 到 %(year)d 之间。") % {"year": today.year}, code="period_out_of_range"
        )
