"""Rules that officials wrote: they come before the classifier."""

from appeals.models import Appeal, RoutingRule

ASKED = ("pk", "department", "category", "region", "words", "unless")


def first_hit(appeal: Appeal) -> RoutingRule | None:
    """The first active rule that holds; never one that leads to the department complained of."""
    text = f"{appeal.title}\n{appeal.text}".lower()
    for pk, department, *asked in RoutingRule.objects.filter(active=True).values_list(*ASKED):
        if department != appeal.about_id and holds(*asked, appeal=appeal, text=text):
            return RoutingRule.objects.select_related("department", "section").get(pk=pk)
    return None


def holds(
    category: int | None, region: str, words: list[str], unless: list[str], *, appeal: Appeal, text: str
) -> bool:
    """Whether all that a rule asks for is so; `text` is what the appeal says, in small letters."""
    return (
        category in (None, appeal.category_id)
        and appeal.region.startswith(region)
        and (not words or any(word.lower() in text for word in words))
        and not any(word.lower() in text for word in unless)
    )
