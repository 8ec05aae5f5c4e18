"""Rules that include one another in a circle."""

from core.rules.context import RuleContext
from core.rules.tree import Group, included_codes


def find_cycle(*, code: str, name: str, root: Group, context: RuleContext) -> list[str]:
    """The names along the circle that `root` would close if it became the rule `code`; empty when there is none."""

    def walk(current: Group, names: list[str], seen: frozenset[str]) -> list[str]:
        for included in included_codes(current):
            if included == code:
                return [*names, name]
            rule = context.included(included)
            if rule is None or included in seen:
                continue
            if found := walk(rule.root, [*names, rule.name], seen | {included}):
                return found
        return []

    return walk(root, [name], frozenset())
