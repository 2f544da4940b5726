"""What the desk writes about a provider."""

from django import forms
from django.utils.translation import gettext_lazy as _


class StandingForm(forms.Form):
    """Warn, remove or take back, with a reason that the provider reads."""

    step = forms.ChoiceField(label=_("处理"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("理由（机构会看到）"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: object, steps: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["step"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = steps
