"""Applications as the API says them, and what it takes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from policies.applying.drafts import LONGEST_ANSWER, LONGEST_REPLY
from policies.applying.pages.story import Story
from policies.applying.questions import Question
from policies.applying.sheet import Material, Sheet
from policies.enums import DECIDED
from policies.models import Amendment, AmendmentPoint, Application, ApplicationFile


class SavingSerializer(serializers.Serializer[Any]):
    """What is filled in; what is not named stays as it is. Money in 万元, yes and no as 是 and 否."""

    answers = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_ANSWER, allow_blank=True), required=False
    )
    notes = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_ANSWER, allow_blank=True), required=False
    )
    contact_name = serializers.CharField(max_length=50, required=False)
    contact_phone = serializers.CharField(max_length=30, required=False)


class StartingSerializer(SavingSerializer):
    """A new draft: the code of the item, and what is known to fill in."""

    item = serializers.CharField(max_length=40)


class ChangingSerializer(SavingSerializer):
    """Changes of a draft, or of one that is to be amended, as of the revision that was read."""

    revision = serializers.IntegerField(min_value=0)
    replies = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_REPLY, allow_blank=True), required=False
    )

    def validate_replies(self, given: dict[str, str]) -> dict[int, str]:
        """By the id of the point that each answers."""
        if not all(key.isascii() and key.isdecimal() and len(key) < 19 for key in given):
            raise serializers.ValidationError(_("键应为补正事项的编号。"))
        return {int(key): text for key, text in given.items()}


class SendingSerializer(serializers.Serializer[Any]):
    """`revision` as it was read; `insisting`: why it is sent though a condition is known to fail."""

    revision = serializers.IntegerField(min_value=0)
    insisting = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=1000)


class NewFileSerializer(serializers.Serializer[Any]):
    """A document of one of the materials: JPEG, PNG, PDF, OFD, DOCX, XLSX up to 20 MB."""

    material = serializers.CharField(
        max_length=200,
        required=False,
        help_text="Of the item; or of a point, where no other has the same.",
    )
    point = serializers.IntegerField(
        required=False, min_value=1, help_text="The point of the list of amendments that it is brought for."
    )
    file = serializers.FileField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two says what the file is."""
        if ("material" in attrs) == ("point" in attrs):
            raise serializers.ValidationError(_("请写明材料（material）或补正事项（point）之一。"))
        return attrs


class MaterialFileSerializer(serializers.ModelSerializer[ApplicationFile]):
    """A file that was brought."""

    class Meta:
        model = ApplicationFile
        fields = ["id", "material", "point", "name", "digest", "added_at"]


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """How an application stands, in a word and as the database's key."""

    item = serializers.CharField(source="item.code", read_only=True)
    title = serializers.CharField(source="version.title", read_only=True)
    state_words = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Application
        fields = [
            "number",
            "item",
            "title",
            "period",
            "state",
            "state_words",
            "revision",
            "started_at",
            "saved_at",
            "submitted_at",
        ]


class QuestionSerializer(serializers.Serializer[Question]):
    """Something only the enterprise knows. `needed`: the verdict or the amount hangs on it."""

    key = serializers.CharField()
    label = serializers.CharField(source="spec.label")  # type: ignore[assignment]
    kind = serializers.CharField(source="spec.kind")
    unit = serializers.SerializerMethodField()
    choices = serializers.SerializerMethodField()
    period = serializers.IntegerField(allow_null=True)
    needed = serializers.BooleanField()
    answer = serializers.CharField(source="text")
    error = serializers.CharField()

    def get_unit(self, question: Question) -> str:
        """In which a figure is written."""
        return "万元" if question.spec.kind == "money" else question.spec.unit

    def get_choices(self, question: Question) -> dict[str, str]:
        """Value and label of what may be chosen."""
        return dict(question.spec.choices)


class MaterialSerializer(serializers.Serializer[Material]):
    """A document; `wanted`: the enterprise brings it, `note`: why it has none."""

    name = serializers.CharField()
    wanted = serializers.BooleanField()
    missing = serializers.BooleanField()
    note = serializers.CharField()
    files = MaterialFileSerializer(many=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """What keeps it from being sent."""

    field = serializers.CharField()
    words = serializers.CharField()


class FormSerializer(serializers.Serializer[Sheet]):
    """The form, judged as it stands."""

    verdict = serializers.CharField(source="explanation.verdict.value")
    verdict_words = serializers.CharField(source="explanation.verdict_label")
    amount_words = serializers.CharField(source="explanation.amount")
    questions = QuestionSerializer(many=True)
    materials = MaterialSerializer(many=True)
    problems = ProblemSerializer(many=True)


class PointSerializer(serializers.ModelSerializer[AmendmentPoint]):
    """One thing that is to be amended; files for it are brought as its `material`."""

    material = serializers.CharField(read_only=True)

    class Meta:
        model = AmendmentPoint
        fields = ["id", "wanted", "target", "material", "what", "why", "reply", "done"]


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    """A list of what is to be amended."""

    points = PointSerializer(many=True)

    class Meta:
        model = Amendment
        fields = ["number", "asked_at", "answered_at", "points"]


class DeadlineSerializer(serializers.Serializer[Any]):
    """Until when something is to be done."""

    what = serializers.CharField()
    due_at = serializers.DateTimeField()
    paused = serializers.BooleanField()
    provisional = serializers.BooleanField()


class DecisionSerializer(serializers.ModelSerializer[Application]):
    """What was decided. Money in fen."""

    class Meta:
        model = Application
        fields = ["outcome", "amount_fen", "clause", "reason", "decided_at"]


class EventSerializer(serializers.Serializer[Any]):
    """Something that happened in public."""

    at = serializers.DateTimeField()
    what = serializers.CharField(source="label")
    comment = serializers.CharField()


class ApplicationDetailSerializer(ApplicationSerializer):
    """With its words, deadlines, what is to be amended, the decision; the form while it may be changed."""

    words = serializers.SerializerMethodField()
    deadlines = serializers.SerializerMethodField()
    amendments = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()
    form = serializers.SerializerMethodField()

    class Meta(ApplicationSerializer.Meta):
        fields = [
            *ApplicationSerializer.Meta.fields,
            "contact_name",
            "contact_phone",
            "words",
            "deadlines",
            "amendments",
            "decision",
            "events",
            "form",
        ]

    def get_words(self, application: Application) -> str:
        """How it stands and what is wanted, in a sentence or two."""
        return self._story.words

    def get_deadlines(self, application: Application) -> list[dict[str, Any]]:
        """The first one first."""
        rows = [
            {
                "what": what,
                "due_at": clock.due_at,
                "paused": clock.paused_at is not None,
                "provisional": clock.provisional,
            }
            for clock, what in self._story.clocks
        ]
        return list(DeadlineSerializer(rows, many=True).data)

    def get_amendments(self, application: Application) -> list[dict[str, Any]]:
        """Every list that was given."""
        return list(AmendmentSerializer(self._story.amendments, many=True).data)

    def get_decision(self, application: Application) -> dict[str, Any] | None:
        """Nothing before it is made: what is proposed is the department's own."""
        return dict(DecisionSerializer(application).data) if application.state in DECIDED else None

    def get_events(self, application: Application) -> list[dict[str, Any]]:
        """What happened in public, the newest first."""
        return list(EventSerializer(self._story.happenings, many=True).data)

    def get_form(self, application: Application) -> dict[str, Any] | None:
        """What is asked and wanted, while it may be changed."""
        if not application.is_editable:
            return None
        return dict(FormSerializer(Sheet.of(application, self.context["day"])).data)

    def to_representation(self, application: Application) -> dict[str, Any]:
        """Its story is read once for all that is told of it."""
        self._story = Story.of(application)
        return super().to_representation(application)
