"""Words of scores."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dimension(models.TextChoices):
    """What a score looks at, in the order in which it is shown."""

    TAX = "tax", _("纳税信用")
    TRUST = "trust", _("履约诚信")
    CONDUCT = "conduct", _("经营行为")
    SCENE = "scene", _("场景特征")


class Monotone(models.TextChoices):
    """How points must follow the figure, from the lowest bin to the highest."""

    RISING = "rising", _("越大越好")
    FALLING = "falling", _("越小越好")
