"""From a tree of rules to one Django Q: one SQL condition with parameters, true or false for every contact."""

from typing import cast

from django.db.models import Q, Value
from django.db.models.fields import BooleanField
from django.utils.translation import gettext as _

from core.rules.context import RuleContext
from core.rules.operators import Kind
from core.rules.tree import Condition, Group, InvalidRules, Node, Path, Problem


def compile_rules(root: Group, context: RuleContext) -> Q:
    """The condition of `root`. Raises InvalidRules when an included rule is missing or includes itself."""
    return _node(root, context, (), ())


def _always() -> Q:
    return Q(Value(True, output_field=BooleanField()))


def _node(node: Node, context: RuleContext, path: Path, chain: tuple[str, ...]) -> Q:
    if isinstance(node, Condition):
        return _condition(node, context, path, chain)
    parts = [_node(member, context, (*path, index), chain) for index, member in enumerate(node.of)]
    if not parts:
        return _always()
    combined = parts[0]
    for part in parts[1:]:
        combined = combined & part if node.mode == "all" else combined | part
    return ~combined if node.mode == "none" else combined


def _condition(condition: Condition, context: RuleContext, path: Path, chain: tuple[str, ...]) -> Q:
    operator = condition.operator
    source = condition.field.source
    if condition.field.kind is Kind.SEGMENT or source is None:
        found = _included(cast("tuple[str, ...]", condition.value), context, path, chain)
    else:
        found = source.condition(operator.negates or operator.code, condition.value, condition.window, context)
    return ~found if operator.negates else found


def _included(codes: tuple[str, ...], context: RuleContext, path: Path, chain: tuple[str, ...]) -> Q:
    """In any of the named rules, each written out in place, so that the whole stays one statement."""
    found = Q()
    for code in codes:
        rule = context.included(code)
        if rule is None:
            raise InvalidRules([Problem(path, _("A segment this rule includes does not exist any more."))])
        if code in chain:
            names = " → ".join(it.name for it in map(context.included, (*chain, code)) if it)
            raise InvalidRules([Problem(path, _("These segments include one another: %(names)s.") % {"names": names})])
        found |= _node(rule.root, context, path, (*chain, code))
    return found
