"""Read-only API of policies: what is in force, searched and filtered as the pages do."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets

from policies.exchange.exporting import export_item
from policies.models import ItemVersion
from policies.search import ORDERINGS, find
from policies.views import reader
from portal.kernel.api import Pages


class PolicySerializer(serializers.ModelSerializer[ItemVersion]):
    """A row of the list. Money in fen."""

    code = serializers.CharField(source="item.code")
    department = serializers.CharField(source="item.department.code")
    department_name = serializers.CharField(source="item.department.name")

    class Meta:
        model = ItemVersion
        fields = [
            "code",
            "number",
            "title",
            "summary",
            "gain",
            "department",
            "department_name",
            "level",
            "region",
            "benefit",
            "mode",
            "topics",
            "targets",
            "window_from",
            "window_to",
            "amount_max_fen",
            "published_at",
        ]


class PolicyDetailSerializer(PolicySerializer):
    """A row with the whole item in the exchange format (docs/policy-format.md)."""

    exchange = serializers.SerializerMethodField()

    class Meta(PolicySerializer.Meta):
        fields = [*PolicySerializer.Meta.fields, "exchange"]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_exchange(self, version: ItemVersion) -> dict[str, Any]:
        """The item as `export_policies` writes it."""
        return export_item(version)


@extend_schema_view(
    list=extend_schema(
        summary="Policies in force",
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="words, document number or department"),
            OpenApiParameter("order", OpenApiTypes.STR, enum=list(ORDERINGS)),
        ],
    ),
    retrieve=extend_schema(summary="One policy in force, whole"),
)
class PolicyViewSet(viewsets.ReadOnlyModelViewSet[ItemVersion]):
    """Policies in force today."""

    queryset = ItemVersion.objects.none()
    serializer_class = PolicySerializer
    pagination_class = Pages
    lookup_field = "item__code"
    lookup_url_kwarg = "code"
    lookup_value_regex = "[A-Z0-9-]+"
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[ItemVersion]:
        in_force = ItemVersion.objects.visible_to(reader(self.request)).in_force(timezone.localdate())
        if self.action == "retrieve":
            whole = in_force.for_pages().prefetch_related("item__co_departments", "sources__document")
            return whole.order_by("pk")
        given = self.request.query_params
        return find(in_force, given.get("q", ""), given.get("order", ""), given)

    def get_serializer_class(self) -> type[PolicySerializer]:
        return PolicyDetailSerializer if self.action == "retrieve" else PolicySerializer
