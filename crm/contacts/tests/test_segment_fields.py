"""The compiler against a naive reading in Python, over a base full of edges."""

import random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.rules.compiler import compile_rules
from core.rules.context import Included, RuleContext
from core.rules.fields import fields
from core.rules.sentence import rules_sentence
from core.rules.tree import read_rules, write_rules
from crm.consent.segment_fields import REACH
from crm.contacts.models import Contact
from crm.contacts.segment_fields import PERSON, RELATION
from crm.contacts.tests.rule_oracle import Oracle
from crm.contacts.tests.rule_samples import FIELD_CODES, NOW, ZONE, make_base, make_condition, make_tree
from crm.sales.segment_fields import ORDERS
from crm.scoring.segment_fields import RFM


@pytest.fixture
def base(db: None) -> None:
    make_base(seed=7, people=300)


def context_of(segments: dict[str, dict[str, Any]]) -> RuleContext:
    def included(code: str) -> Included | None:
        return Included(code, code, read_rules(segments[code])) if code in segments else None

    return RuleContext(now=NOW, zone=ZoneInfo(ZONE), included=included)


def found(tree: dict[str, Any], context: RuleContext) -> list[int]:
    return list(Contact.objects.filter(compile_rules(read_rules(tree), context)).values_list("pk", flat=True))


def test_every_registered_field_is_in_the_oracle() -> None:
    groups = {PERSON, ORDERS, RFM, RELATION, REACH}
    assert sorted(it.code for it in fields if it.group in groups) == sorted(FIELD_CODES)


def test_each_operator_of_each_field_finds_whom_a_naive_reading_finds(base: None) -> None:
    dice = random.Random(1)
    context, oracle = context_of({}), Oracle(now=NOW, zone=ZONE, segments={})
    for code in FIELD_CODES:
        for operator in fields[code].operators:
            for _ in range(4):
                tree = {"group": "all", "of": [make_condition(dice, fields[code], operator)]}
                pks = found(tree, context)
                assert len(pks) == len(set(pks))
                assert set(pks) == oracle.matching(tree), tree


def test_200_generated_rules_find_whom_a_naive_reading_finds(base: None) -> None:
    dice = random.Random(20240229)
    segments = {f"s{n}": make_tree(dice, []) for n in range(4)}
    context, oracle = context_of(segments), Oracle(now=NOW, zone=ZONE, segments=segments)
    everyone = {person.pk for person in oracle.people}
    sizes = []
    for _ in range(200):
        tree = make_tree(dice, sorted(segments))
        with CaptureQueriesContext(connection) as queries:
            pks = found(tree, context)
        assert len(queries) <= 1
        assert set(pks) == oracle.matching(tree), tree
        assert len(pks) == len(set(pks))
        opposite = {"group": "none", "of": [tree]}
        assert set(found(opposite, context)) == everyone - set(pks), tree
        rules = read_rules(tree)
        assert read_rules(write_rules(rules)) == rules
        assert rules_sentence(rules, context)
        sizes.append(len(pks))
    assert sum(0 < size < len(everyone) for size in sizes) > 120
