"""Reading rules: what is refused, where, and in which words."""

from typing import Any

import pytest
from django.db.models import Q

from core.registry import Registry
from core.rules.compiler import compile_rules
from core.rules.context import Included, RuleContext
from core.rules.cycles import find_cycle
from core.rules.fields import Choice, Field
from core.rules.operators import Kind
from core.rules.sentence import rules_sentence
from core.rules.sources import Column
from core.rules.tree import Group, InvalidRules, read_rules, write_rules

LIMA = {"field": "city", "operator": "is", "value": "Lima"}


@pytest.fixture
def registry() -> Registry[Field]:
    made: Registry[Field] = Registry("field")
    made.register(Field(code="city", label="city", group="g", kind=Kind.TEXT, source=Column("city", blank=True)))
    made.register(Field(code="age", label="age", group="g", kind=Kind.NUMBER, source=Column("age"), least=0, most=150))
    made.register(Field(code="old", label="Old", group="g", kind=Kind.TEXT, source=Column("old"), is_retired=True))
    made.register(
        Field(
            code="segment",
            label="segment",
            group="g",
            kind=Kind.SEGMENT,
            choices=lambda codes, query: [Choice(code, code) for code in codes or ()],
        )
    )
    return made


def problems(data: Any, registry: Registry[Field]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRules) as caught:
        read_rules(data, registry=registry, allow_retired=False)
    return [(problem.place, problem.message) for problem in caught.value.problems]


def nested(depth: int) -> dict[str, Any]:
    return {"group": "all", "of": [nested(depth - 1) if depth else LIMA]}


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"field": "gone", "operator": "is", "value": "x"}, "The field “gone” is no longer available."),
        ({"field": "old", "operator": "is", "value": "x"}, "The field “Old” is no longer available."),
        ({"field": "city", "operator": "grows", "value": "x"}, "Choose how “city” is compared."),
        ({"field": "city", "operator": "is"}, "Enter a text."),
        ({"field": "city", "operator": "is", "value": "x\x00"}, "This text is too long, or contains a character"),
        ({"field": "city", "operator": "is_any_of", "value": []}, "Choose at least one."),
        ({"field": "city", "operator": "is", "value": "x", "window": {"days": 3}}, "“city” has no period."),
        ({"field": "city", "operator": "is", "value": "x", "or": 1}, "Unknown: or."),
        ({"field": "age", "operator": "at_least", "value": "many"}, "“many” is not a number."),
        ({"field": "age", "operator": "at_least", "value": "NaN"}, "This number is too large."),
        ({"field": "age", "operator": "at_least", "value": "151"}, "Enter 150 or less."),
        ({"field": "age", "operator": "between", "value": ["3", "2"]}, "The second number is smaller than the first."),
        ({"group": "any", "of": []}, "This group is empty"),
        ({"group": "some", "of": [LIMA]}, "A group needs a mode (all, any or none)"),
        ("city", "This is neither a condition nor a group."),
    ],
)
def test_a_problem_names_its_place(condition: Any, message: str, registry: Registry[Field]) -> None:
    tree = {"group": "all", "of": [LIMA, {"group": "none", "of": [LIMA, condition]}]}
    found = problems(tree, registry)
    assert [place for place, _text in found] == ["2.2"]
    assert found[0][1].startswith(message)


def test_all_problems_are_found_at_once(registry: Registry[Field]) -> None:
    tree = {"group": "all", "of": [{"field": ""}, LIMA, {"field": "age", "operator": "at_most", "value": "-1"}]}
    assert [place for place, _text in problems(tree, registry)] == ["1", "3"]


def test_depth_and_number_of_conditions_are_limited(registry: Registry[Field]) -> None:
    assert problems(nested(6), registry)[0][1].startswith("Groups can be nested 5 deep at most")
    assert problems({"group": "all", "of": [LIMA] * 61}, registry)[0][1].startswith("A rule can have 60 conditions")


def test_another_version_is_refused(registry: Registry[Field]) -> None:
    assert problems({"version": 2, "group": "all", "of": []}, registry)[0][1].startswith("These rules come from")


def test_an_old_rule_keeps_its_retired_field(registry: Registry[Field]) -> None:
    tree = {"version": 1, "group": "all", "of": [{"field": "old", "operator": "is", "value": "x"}]}
    assert write_rules(read_rules(tree, registry=registry)) == tree


def named(registry: Registry[Field], **trees: Any) -> RuleContext:
    def included(code: str) -> Included | None:
        return Included(code, code.upper(), read_rules(trees[code], registry=registry)) if code in trees else None

    return RuleContext(included=included)


def including(*codes: str) -> dict[str, Any]:
    return {"group": "all", "of": [{"field": "segment", "operator": "in_any_of", "value": list(codes)}]}


def test_a_circle_is_found_with_its_chain(registry: Registry[Field]) -> None:
    context = named(registry, b=including("c"), c=including("a", "b"))
    root = read_rules(including("b"), registry=registry)
    assert find_cycle(code="a", name="A", root=root, context=context) == ["A", "B", "C", "A"]
    assert find_cycle(code="d", name="D", root=root, context=context) == []


def test_the_compiler_refuses_circles_and_missing_rules(registry: Registry[Field]) -> None:
    context = named(registry, b=including("c"), c=including("b"))
    with pytest.raises(InvalidRules, match="B → C → B"):
        compile_rules(read_rules(including("b"), registry=registry), context)
    with pytest.raises(InvalidRules, match="does not exist any more"):
        compile_rules(read_rules(including("z"), registry=registry), context)


def test_nothing_asked_is_everybody() -> None:
    assert isinstance(compile_rules(Group("all"), RuleContext()), Q)
    assert rules_sentence(Group("all"), RuleContext()) == "All contacts"
