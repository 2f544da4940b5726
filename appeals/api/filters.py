"""Which of one's appeals."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from appeals.enums import Status
from appeals.models import Appeal, Category


class AppealFilter(django_filters.FilterSet):
    """By status (several), category, enterprise, time of submission (from, before), and words."""

    status = django_filters.MultipleChoiceFilter(
        choices=Status.choices, error_messages={"invalid_choice": _("没有这个状态。")}
    )
    category = django_filters.ModelChoiceFilter(to_field_name="key", queryset=Category.objects.all())
    enterprise = django_filters.NumberFilter(field_name="enterprise", min_value=1, max_value=2**62)
    submitted_from = django_filters.IsoDateTimeFilter(field_name="submitted_at", lookup_expr="gte")
    submitted_before = django_filters.IsoDateTimeFilter(field_name="submitted_at", lookup_expr="lt")
    q = django_filters.CharFilter(method="speaks_of", max_length=80)

    class Meta:
        model = Appeal
        fields: list[str] = []

    def speaks_of(self, rows: QuerySet[Appeal], name: str, words: str) -> QuerySet[Appeal]:
        """Every word in number, title or text."""
        for word in words.split():
            said = Q(number__icontains=word) | Q(title__icontains=word) | Q(text__icontains=word)
            rows = rows.filter(said)
        return rows
