"""Rules that officials wrote: they come before the classifier."""

from appeals.models import Appeal, RoutingRule


def first_hit(appeal: Appeal) -> RoutingRule | None:
    """The first active rule that holds; never one that leads to the department complained of."""
    rules = RoutingRule.objects.filter(active=True)
    text = f"{appeal.title}\n{appeal.text}".lower()
    for rule in rules:
        if rule.department_id != appeal.about_id and holds(rule, appeal, text):
            return rule
    return None


def holds(rule: RoutingRule, appeal: Appeal, text: str) -> bool:
    """Whether everything that the rule asks for is so; `text` is what is said, in small letters."""
    return (
        (rule.category_id is None or rule.category_id == appeal.category_id)
        and appeal.region.startswith(rule.region)
        and (not rule.words or any(word.lower() in text for word in rule.words))
        and not any(word.lower() in text for word in rule.unless)
    )
