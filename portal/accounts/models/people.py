"""Users, departments and the roles that users hold in them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.accounts.fields import MobileField
from portal.accounts.identifiers import MOBILE, mask_mobile, parse_mobile
from portal.accounts.roles import SEPARATED_DUTIES, Role
from portal.kernel.errors import DomainError
from portal.kernel.pinyin import Pinyin


class PortalUserManager(UserManager["User"]):
    """Finds a person by any of the three identifiers."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """By username, mobile or e-mail; the three cannot collide. Raises User.DoesNotExist."""
        identifier = (username or "").strip()
        if "@" in identifier:
            return self.get(email__iexact=identifier)
        try:
            return self.get(Q(mobile=parse_mobile(identifier)))
        except DomainError:
            return self.get(username=identifier)


class User(AbstractUser):
    """A person who signs in: an enterprise's member, an official, a bank's officer."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(
        _("姓名"),
        max_length=50,
        blank=True,
        validators=[RegexValidator(r"^[^\s\d]([^\d]*[^\s\d])?$", _("请填写真实姓名，不含数字。"))],
        help_text=_("与身份证一致；少数民族姓名用间隔号“·”"),
    )
    mobile = MobileField(
        _("手机号"),
        unique=True,
        null=True,
        blank=True,
        error_messages={"unique": _("该手机号已绑定其他账号，请直接用它登录。")},
    )

    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[PortalUserManager] = PortalUserManager()

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mobile__isnull=True) | Q(mobile__regex=MOBILE),
                name="accounts_user_mobile_form",
                violation_error_message=_("请填写 11 位中国大陆手机号。"),
            ),
            models.CheckConstraint(
                condition=~Q(username__contains="@") & ~Q(username__regex=MOBILE),
                name="accounts_user_username_is_no_mobile_or_email",
                violation_error_message=_("用户名不能是手机号或邮箱，请另取一个。"),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="accounts_user_email_unique",
                violation_error_message=_("该邮箱已绑定其他账号，请直接用它登录。"),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The Chinese name as one word, else the username."""
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()

    def get_session_auth_hash(self) -> str:
        """What a session must hold to be this user's; changes with the password and with `session_epoch`."""
        return f"{super().get_session_auth_hash()}:{self.session_epoch}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under secret keys that were replaced."""
        for hashed in super().get_session_auth_fallback_hash():
            yield f"{hashed}:{self.session_epoch}"

    @property
    def masked_mobile(self) -> str:
        """For screens of others: `138****1234`."""
        return mask_mobile(self.mobile)

    @cached_property
    def roles(self) -> frozenset[tuple[str, int]]:
        """Every (role, department id) the user holds; read once per instance."""
        return frozenset(self.postings.values_list("role", "department_id"))

    def has_role(self, role: str, department: "Department | int | None" = None) -> bool:
        """Whether the user holds the role, in this department when one is named; never when inactive."""
        if not self.is_active:
            return False
        place = department.pk if isinstance(department, Department) else department
        return any(held == role and place in (None, where) for held, where in self.roles)

    def departments_as(self, role: str) -> list[int]:
        """Ids of the departments in which the user holds the role."""
        return sorted(where for held, where in self.roles if held == role) if self.is_active else []


class Department(models.Model):
    """A county department or a town's government (部门), in a tree."""

    name = models.CharField(_("名称"), max_length=100, unique=True)
    short_name = models.CharField(_("简称"), max_length=30)
    code = models.CharField(_("编码"), max_length=40, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    region = models.CharField(
        _("行政区划代码"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^\d{6}(\d{3}(\d{3})?)?$", _("行政区划代码是 6、9 或 12 位数字。"))],
    )
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    duties = models.TextField(_("职责"), blank=True)

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        ordering = [Pinyin("short_name"), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("pk")),
                name="accounts_department_not_its_own_parent",
                violation_error_message=_("部门不能是自己的上级。"),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    def clean(self) -> None:
        """A department does not stand above itself."""
        super().clean()
        if self.pk and any(above.pk == self.pk for above in self.ancestors()):
            raise ValidationError({"parent": _("上级部门不能是本部门的下级。")})

    def ancestors(self) -> Iterator["Department"]:
        """From the parent upwards; stops at the first department met twice."""
        seen: set[int] = set()
        above = self.parent
        while above is not None and above.pk not in seen:
            yield above
            seen.add(above.pk)
            above = above.parent


SEPARATED_DUTY = Case(
    *[When(role=role.value, then=Value(duty)) for role, duty in SEPARATED_DUTIES.items()],
    output_field=models.IntegerField(),
)


class Posting(models.Model):
    """A user holds a role in a department (岗位). Permissions follow from it: see `permissions`."""

    user = models.ForeignKey(User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="postings")
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="postings"
    )
    role = models.CharField(_("角色"), max_length=20, choices=Role)

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        ordering = ["department__code", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department", "role"],
                name="accounts_posting_once",
                violation_error_message=_("该用户在该部门已有此角色。"),
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="accounts_posting_role_known",
                violation_error_message=_("没有这个角色。"),
            ),
            ExclusionConstraint(
                name="accounts_posting_separated_duties",
                expressions=[
                    ("user", "="),
                    (SEPARATED_DUTY, "<>"),
                ],
                condition=Q(role__in=[role.value for role in SEPARATED_DUTIES]),
                violation_error_message=_("系统、安全、审计管理员须由不同的人担任，且不得办理资金拨付。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.department} · {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As usual; the user's roles are read anew afterwards."""
        super().save(*args, **kwargs)
        self.user.__dict__.pop("roles", None)
