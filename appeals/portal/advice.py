"""What is not handled here, told while the enterprise still writes; nothing is refused for a word."""

from appeals.models import IntakeRule


def not_handled() -> list[IntakeRule]:
    """The negative list, with where else to go."""
    return list(IntakeRule.objects.filter(active=True, handled=False))


def elsewhere(text: str) -> list[IntakeRule]:
    """Lines of the negative list one of whose words occurs in the text; one query."""
    return [rule for rule in not_handled() if any(word in text for word in rule.words)]
