"""Apply by machine and follow, by session, token or key.

Starting wants the header `Idempotency-Key`: the same key again answers 200 with what was started the first
time. What is saved or sent names the revision that was read; 409 when somebody saved meanwhile.
"""

from __future__ import annotations

from typing import Any, Final

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from enterprises.actors import Actor, get_actor
from enterprises.keys import KeyAuthentication, KeyScope, KeyThrottle
from enterprises.models import ApiKey, Scope
from enterprises.services import load_catalogue
from policies.applying import drafts, files, sending
from policies.applying.api import serializers as words
from policies.applying.questions import split_key
from policies.enums import ApplicationState
from policies.models import Application, ApplicationFile, ItemVersion
from portal.accounts.requests import signed_in
from portal.kernel.api import (
    IDEMPOTENCY,
    KeyReused,
    Pages,
    Refused,
    files_of_one,
    idempotency_key,
    one_file,
)
from portal.kernel.downloads import hand_out
from portal.kernel.errors import DomainError

DETAIL: Final = {200: words.ApplicationDetailSerializer}


class ApplicationFilter(django_filters.FilterSet):
    """By state (several)."""

    state = django_filters.MultipleChoiceFilter(
        choices=ApplicationState.choices, error_messages={"invalid_choice": gettext_lazy("没有这个状态。")}
    )

    class Meta:
        model = Application
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(summary="Applications of the enterprise"),
    retrieve=extend_schema(summary="One of them: how it stands, what is asked and wanted"),
)
class ApplicationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Application]
):
    """Start, fill in, bring, send, follow; another enterprise's application is 404."""

    queryset = Application.objects.none()
    serializer_class = words.ApplicationSerializer
    pagination_class = Pages
    lookup_field = "number"
    lookup_value_regex = "[A-Z0-9-]+"
    authentication_classes = [KeyAuthentication, SessionAuthentication, TokenAuthentication]
    permission_classes = [IsAuthenticated, KeyScope]
    key_scopes = (Scope.READ_APPLICATIONS, Scope.WRITE_APPLICATIONS)
    throttle_classes = [KeyThrottle]
    filter_backends = [DjangoFilterBackend]
    filterset_class = ApplicationFilter

    @cached_property
    def actor(self) -> Actor:
        """Who acts for the enterprise in the address; 404 for a key of another one and for strangers."""
        enterprise, key = int(self.kwargs["enterprise"]), self.request.auth
        if isinstance(key, ApiKey) and key.enterprise_id != enterprise:
            enterprise = 0
        return get_actor(signed_in(self.request), enterprise)

    def get_object(self) -> Application:
        try:
            return super().get_object()
        except Http404 as error:
            raise NotFound(_("没有这件申报。")) from error

    def get_queryset(self) -> QuerySet[Application]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        related = ("enterprise", "filler", "item", "version__item__department", "version__rule_version")
        return Application.objects.of(self.actor).select_related(*related).order_by("-pk")

    def get_serializer_class(self) -> type[words.ApplicationSerializer]:
        whole = self.action == "retrieve"
        return words.ApplicationDetailSerializer if whole else words.ApplicationSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "day": timezone.localdate()}

    @extend_schema(
        summary="Start a draft of an item",
        request=words.StartingSerializer,
        responses={200: words.ApplicationDetailSerializer, 201: words.ApplicationDetailSerializer},
        parameters=[IDEMPOTENCY],
    )
    def create(self, request: Request, enterprise: str) -> Response:
        """201 with the draft; 200 when the key was used for it before."""
        key, actor = idempotency_key(request), self.actor
        said = self._given(words.StartingSerializer)
        _require_known(said)
        code = said.pop("item")
        known = Application.objects.of(actor).filter(idempotency_key=key).select_related("item").first()
        if known is None:
            started = self._start(key, code, said)
            return self._told(started.number, status=201)
        if known.item.code != code:
            raise KeyReused
        return self._told(known.number)

    @extend_schema(
        summary="Fill in",
        request=words.ChangingSerializer,
        responses={200: words.ApplicationDetailSerializer},
    )
    def partial_update(self, request: Request, enterprise: str, number: str) -> Response:
        """Only what is named changes."""
        application = self.get_object()
        said = self._given(words.ChangingSerializer)
        _require_known(said)
        revision = said.pop("revision")
        by, at = self.actor.user, timezone.now()
        try:
            drafts.save(application, drafts.Saving(**said), revision=revision, by=by, at=at)
        except DomainError as error:
            raise Refused(error) from error
        return self._told(number)

    @files_of_one(words.MaterialFileSerializer, words.NewFileSerializer)
    def files(self, request: Request, enterprise: str, number: str) -> Response:
        """Those that are with it now; the bytes of a new one say what it is."""
        application = self.get_object()
        if request.method == "GET":
            brought = application.files.filter(removed_at=None).order_by("pk")
            return Response(words.MaterialFileSerializer(brought, many=True).data)
        said = self._given(words.NewFileSerializer)
        try:
            wanted = said.get("material") or files.point_asked(application, said["point"])
            kept = files.attach(application, wanted, said["file"], by=self.actor.user, at=timezone.now())
        except DomainError as error:
            raise Refused(error) from error
        return Response(words.MaterialFileSerializer(kept).data, status=201)

    @extend_schema(methods=["delete"], summary="Take a file away", responses={204: None})
    @one_file("files", "delete")
    def file(self, request: Request, enterprise: str, number: str, pk: str) -> FileResponse | Response:
        """The file itself; what was sent with it keeps one that is taken away."""
        application = self.get_object()
        kept = get_object_or_404(ApplicationFile, application=application, pk=pk)
        if request.method == "GET":
            return hand_out(kept.file, kept.name)
        try:
            files.remove(application, kept.pk, at=timezone.now())
        except DomainError as error:
            raise Refused(error) from error
        return Response(status=204)

    @extend_schema(summary="Send it, or send it again", request=words.SendingSerializer, responses=DETAIL)
    @action(detail=True, methods=["post"], filterset_class=None)
    def send(self, request: Request, enterprise: str, number: str) -> Response:
        """409 says all that is missing."""
        application = self.get_object()
        said = self._given(words.SendingSerializer)
        try:
            sending.send(application, self.actor, at=timezone.now(), **said)
        except DomainError as error:
            raise Refused(error) from error
        return self._told(number)

    @extend_schema(summary="Take it back", request=words.ReasonSerializer, responses=DETAIL)
    @action(detail=True, methods=["post"], filterset_class=None)
    def withdraw(self, request: Request, enterprise: str, number: str) -> Response:
        """As long as nothing is proposed."""
        application = self.get_object()
        reason = self._given(words.ReasonSerializer)["reason"]
        try:
            sending.withdraw(application, reason, actor=self.actor, at=timezone.now())
        except DomainError as error:
            raise Refused(error) from error
        return self._told(number)

    def _start(self, key: str, code: str, said: dict[str, Any]) -> Application:
        now, by = timezone.now(), self.actor.user
        versions = ItemVersion.objects.in_force(timezone.localdate(now)).for_pages()
        version = versions.filter(item__code=code).first()
        if version is None:
            raise ValidationError({"item": [_("没有正在执行的这项政策。")]})
        try:
            with transaction.atomic():
                draft = drafts.start(self.actor, version, at=now, key=key)
                if draft.idempotency_key != key:
                    raise DomainError(
                        _("本企业已有一件同一年度的申报：%(number)s。") % {"number": draft.number},
                        code="alive",
                    )
                drafts.save(draft, drafts.Saving(**said), revision=draft.revision, by=by, at=now)
        except DomainError as error:
            raise Refused(error) from error
        return draft

    def _given(self, takes: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = takes(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _told(self, number: str, status: int = 200) -> Response:
        """The application as it stands now."""
        application = self.get_queryset().get(number=number)
        context = self.get_serializer_context()
        return Response(words.ApplicationDetailSerializer(application, context=context).data, status=status)


def _require_known(said: dict[str, Any]) -> None:
    """Raises ValidationError naming answers to what is asked nowhere: they must not look as if kept."""
    catalogue = load_catalogue()
    strange = [key for key in said.get("answers", {}) if split_key(key)[0] not in catalogue]
    if strange:
        keys = "、".join(key[:40] for key in strange[:5])
        raise ValidationError({"answers": [_("没有这个填报项：%(keys)s。") % {"keys": keys}]})
