"""The back office of applications: looked at only, by whom they concern; who writes what rules reviewing."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from policies.models import OpinionTemplate, ReviewDelegation, StepTarget
from policies.reviewers import may_review
from policies.reviewing.opinions import consult
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory, UserFactory
from tests.applying import factories as make
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
LOOKED_AT = ("application", "amendment", "opinion", "evidence", "publicnotice")


def address(model, page, *args):
    return reverse(f"admin:policies_{model}_{page}", args=args)


def posted(role, department=None):
    """An official who may enter the admin."""
    return PostingFactory(user=StaffFactory(), department=department or economy(), role=role).user


def text(client, *page):
    answer = client.get(address(*page))
    assert answer.status_code == 200, page
    return answer.content.decode()


class TestLookingAt:
    def test_only_by_whom_it_concerns_and_drafts_by_nobody(self, client):
        application, draft = make.sent(), make.drafted()
        asked = DepartmentFactory()
        make.intake.accept(application, by=make.reviewer(), at=make.now())
        consult(application, {asked: "查税"}, by=application.reviewer, at=make.now())
        for user, sees in [
            (posted(Role.REVIEWER), True),
            (posted(Role.LEADER, asked), False),
            (posted(Role.SUPERVISOR, DepartmentFactory()), True),
            (posted(Role.AUDIT_ADMIN, DepartmentFactory()), True),
            (posted(Role.REVIEWER, DepartmentFactory()), False),
            (posted(Role.EDITOR), False),
            (StaffFactory(is_superuser=True), True),
        ]:
            client.force_login(user)
            listed = text(client, "application", "changelist")
            assert (application.number in listed) is sees, user
            assert draft.number not in listed
            assert client.get(address("application", "change", draft.pk)).status_code == 302
            status = client.get(address("application", "change", application.pk)).status_code
            assert status == (200 if sees else 302)
            evidence = text(client, "evidence", "changelist")
            assert (application.number in evidence) is sees

    def test_handlers_of_appeals_have_no_business_here(self, client):
        client.force_login(posted(Role.HANDLER))
        assert client.get(address("application", "changelist")).status_code == 403

    def test_it_leads_to_the_desk_and_says_what_happened(self, client):
        application, notice = make.noticed()
        client.force_login(posted(Role.REVIEWER))
        page = text(client, "application", "change", application.pk)
        desk = f"/desk/{application.item.department_id}/applications/{application.number}/"
        for words in (
            desk,
            "20 万元",
            "公示",
            application.enterprise.name,
            application.evidence.get().digest,
        ):
            assert words in page, words
        assert notice.get_absolute_url() in text(client, "publicnotice", "change", notice.pk)

    def test_nobody_changes_anything(self, client):
        application, notice = make.noticed()
        client.force_login(StaffFactory(is_superuser=True))
        for model, row in (("application", application), ("publicnotice", notice)):
            assert client.get(address(model, "add")).status_code == 403
            assert client.post(address(model, "change", row.pk), {"state": "approved"}).status_code == 403
            assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("model", LOOKED_AT)
    def test_lists_take_few_queries_however_many_rows(self, client, model, django_assert_max_num_queries):
        version, other = make.version(), DepartmentFactory()
        for _one in range(3):
            application = make.reviewing(version)
            consult(application, {other: "查税"}, by=application.reviewer, at=make.now())
            make.returned(make.sent(version))
        make.noticed()
        make.noticed()
        client.force_login(StaffFactory(is_superuser=True))
        client.get(address(model, "changelist"))
        with django_assert_max_num_queries(14):
            client.get(address(model, "changelist"))


class TestTemplates:
    def given(self, department, **changes):
        return {"use": "return", "title": "补章", "text": "请补盖章的原件", "active": "on"} | (
            {"department": department.pk if department else ""} | changes
        )

    def test_a_reviewer_writes_those_of_the_own_department(self, client):
        client.force_login(posted(Role.REVIEWER))
        page = address("opiniontemplate", "add")
        assert client.post(page, self.given(economy())).status_code == 302
        for department in (None, DepartmentFactory()):
            assert client.post(page, self.given(department, title="别的")).status_code == 200
        assert OpinionTemplate.objects.get().department == economy()

    def test_what_is_everybodys_is_looked_at_and_what_is_others_is_not(self, client):
        general = OpinionTemplate.objects.create(use="return", title="通用", text="请补")
        other = OpinionTemplate.objects.create(
            use="return", title="外", text="请补", department=DepartmentFactory()
        )
        client.force_login(posted(Role.REVIEWER))
        assert client.get(address("opiniontemplate", "change", general.pk)).status_code == 200
        assert client.post(address("opiniontemplate", "change", general.pk), {}).status_code == 403
        assert client.get(address("opiniontemplate", "change", other.pk)).status_code == 302


class TestDelegations:
    def given(self, away, substitute, **changes):
        return {
            "department": economy().pk,
            "away": away.pk,
            "substitute": substitute.pk,
            "first_day": TODAY.isoformat(),
            "last_day": TODAY.isoformat(),
            "reason": "出差",
        } | changes

    def add(self, client, user, **fields):
        client.force_login(user)
        answer = client.post(address("reviewdelegation", "add"), fields)
        return answer.status_code == 302, answer.content.decode()

    def test_for_oneself_by_the_leader_for_anybody(self, client):
        reviewer, colleague, leader = (posted(role) for role in (Role.REVIEWER, Role.REVIEWER, Role.LEADER))
        assert self.add(client, reviewer, **self.given(reviewer, colleague))[0]
        refused, page = self.add(client, reviewer, **self.given(colleague, reviewer))
        assert not refused
        assert "只能安排自己" in page
        assert not self.add(client, reviewer, **self.given(leader, reviewer))[0], (
            "nobody makes himself leader"
        )
        assert self.add(client, leader, **self.given(colleague, reviewer))[0]
        assert ReviewDelegation.objects.count() == 2

    def test_a_substitute_names_no_further_one(self, client):
        leader, other = posted(Role.LEADER), posted(Role.HANDLER, DepartmentFactory())
        ReviewDelegation.objects.create(
            department=economy(), away=leader, substitute=other, first_day=TODAY, last_day=TODAY
        )
        assert may_review(other, economy().pk, Role.LEADER)
        client.force_login(other)
        assert client.post(address("reviewdelegation", "add"), self.given(leader, other)).status_code == 403

    def test_others_rows_are_not_changed(self, client):
        reviewer, leader = posted(Role.REVIEWER), posted(Role.LEADER)
        row = ReviewDelegation.objects.create(
            department=economy(), away=leader, substitute=reviewer, first_day=TODAY, last_day=TODAY
        )
        client.force_login(reviewer)
        change = address("reviewdelegation", "change", row.pk)
        assert client.post(change, self.given(leader, reviewer)).status_code == 403
        assert client.post(address("reviewdelegation", "delete", row.pk), {"post": "yes"}).status_code == 403
        many = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        client.post(address("reviewdelegation", "changelist"), many)
        assert ReviewDelegation.objects.filter(pk=row.pk, away=leader).exists()

    def test_the_row_itself_says_what_is_wrong(self):
        reviewer, elsewhere = posted(Role.REVIEWER), posted(Role.REVIEWER, DepartmentFactory())
        fields = {"department": economy(), "first_day": TODAY, "last_day": TODAY}

        def wrong(**changes):
            with pytest.raises(ValidationError) as caught:
                ReviewDelegation(
                    **fields | {"away": reviewer, "substitute": elsewhere} | changes
                ).full_clean()
            return set(caught.value.message_dict)

        assert wrong(away=elsewhere, substitute=reviewer) == {"away"}
        assert wrong(substitute=UserFactory()) == {"substitute"}
        assert "另一人" in str(wrong_words(fields | {"away": reviewer, "substitute": reviewer}))
        assert wrong(last_day=TODAY - dt.timedelta(days=1)) == {"__all__"}
        for _time in range(2):
            row = ReviewDelegation(away=reviewer, substitute=elsewhere, **fields)
            row.full_clean()
            row.save()


def wrong_words(fields):
    with pytest.raises(ValidationError) as caught:
        ReviewDelegation(**fields).full_clean()
    return caught.value.messages


def test_spans_are_the_system_administrators(client):
    target = StepTarget.objects.get(key="accept")
    change = address("steptarget", "change", target.pk)
    given = {"label": "受理", "number": 3, "unit": "workdays", "warning": 1}
    client.force_login(posted(Role.REVIEWER))
    assert client.post(change, given).status_code == 403
    client.force_login(posted(Role.SYSTEM_ADMIN))
    assert client.get(address("steptarget", "add")).status_code == 403
    assert client.post(change, given).status_code == 302
    target.refresh_from_db()
    assert target.number == 3
    assert client.get(address("application", "changelist")).status_code == 403
