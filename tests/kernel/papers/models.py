"""A paper that is drafted, reviewed and published; a long job; an append-only note."""

from django.db import models

from portal.kernel.brought import BroughtFile
from portal.kernel.clocks import Clock
from portal.kernel.errors import DomainError
from portal.kernel.models import AppendOnly, TrackedProgress
from portal.kernel.richtext import RichTextField
from portal.kernel.spans import Pause, pauses_in
from portal.kernel.transitions import EventModel, Machine, Transition
from portal.kernel.versions import Version, Versioned, VersionQuerySet


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    REVIEW = "review", "审核中"
    PUBLISHED = "published", "已发布"


def has_text(paper: "Paper", actor: object) -> None:
    if not paper.text:
        raise DomainError("请先填写正文。")


class Paper(models.Model):
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    text = models.TextField(blank=True)
    published_by = models.CharField(max_length=20, blank=True)

    machine = Machine(
        "state",
        initial=State.DRAFT,
        transitions=[
            Transition("submit", [State.DRAFT], State.REVIEW, "提交", guard=has_text),
            Transition("back", [State.REVIEW], State.DRAFT, "退回"),
            Transition("publish", [State.REVIEW], State.PUBLISHED, "发布"),
        ],
    )

    def __str__(self) -> str:
        return self.text


class PaperEvent(EventModel):
    subject = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="events")


class Tariff(Versioned):
    """What is asked for printing a paper."""


class TariffVersion(Version):
    model = models.ForeignKey(Tariff, models.PROTECT, related_name="versions")
    price = models.PositiveIntegerField()
    note = models.TextField(blank=True)

    objects = VersionQuerySet["TariffVersion"].as_manager()


class TariffVersionEvent(EventModel):
    subject = models.ForeignKey(TariffVersion, on_delete=models.PROTECT, related_name="events")


class Bundle(BroughtFile):
    """Papers that somebody brings for a tariff."""

    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="bundles")

    class Meta(BroughtFile.Meta):
        constraints = [
            *BroughtFile.Meta.constraints,
            models.UniqueConstraint(fields=["tariff", "sha256"], name="papers_bundle_same_bytes"),
        ]


class BundleEvent(EventModel):
    subject = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="events")


class Job(TrackedProgress):
    def __str__(self) -> str:
        return str(self.pk)


class Note(AppendOnly):
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class Article(models.Model):
    text = RichTextField()

    def __str__(self) -> str:
        return self.text


class Deadline(Clock):
    """Stands still while its paper is in review."""

    paper = models.ForeignKey(Paper, null=True, on_delete=models.PROTECT, related_name="clocks")
    reads = ("paper__events",)

    def pauses(self) -> list[Pause]:
        return pauses_in(self.paper.events.all(), stop={"submit"}, go={"back"}) if self.paper else []

    def __str__(self) -> str:
        return self.target
