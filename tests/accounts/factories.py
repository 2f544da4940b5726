"""People, departments and postings for tests."""

import factory
from factory.django import DjangoModelFactory

from portal.accounts.models import Department, Posting, User
from portal.accounts.roles import Role
from portal.accounts.second_factor import enable_totp

PASSWORD = "a long enough pass phrase"


class UserFactory(DjangoModelFactory):
    """A person who can sign in with `PASSWORD`; `second_factor=True` adds an authenticator."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = "张三"
    mobile = factory.Sequence(lambda n: f"138{n:08d}")
    email = factory.Sequence(lambda n: f"user{n}@example.com")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def second_factor(self, create: bool, wanted: bool, **kwargs: object) -> None:
        if create and wanted:
            enable_totp(self)


class StaffFactory(UserFactory):
    """An official who may enter the admin: staff, with an authenticator."""

    is_staff = True

    @factory.post_generation
    def second_factor(self, create: bool, wanted: bool | None, **kwargs: object) -> None:
        if create and wanted is not False:
            enable_totp(self)


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence(lambda n: f"第{n}局")
    short_name = factory.Sequence(lambda n: f"{n}局")
    code = factory.Sequence(lambda n: f"dept{n}")


class PostingFactory(DjangoModelFactory):
    class Meta:
        model = Posting

    user = factory.SubFactory(UserFactory)
    department = factory.SubFactory(DepartmentFactory)
    role = Role.EDITOR
