"""What import-linter cannot see: relations by name, migrations, and files that grew too long."""

from itertools import chain

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field

FLOORS = (
    {"core"},
    {"accounts"},
    {"crm"},
    {"marketing", "delivery"},
    {"campaigns"},
    {"analytics"},
    {"config"},
    {"tools"},
)
APPS = tuple(sorted(app for floor in FLOORS for app in floor))


def rank(label: str) -> int:
    """A higher number stands above; packages from elsewhere are below all of ours."""
    return next((number for number, floor in enumerate(FLOORS) if label in floor), -1)


def may_use(label: str, other: str) -> bool:
    """An app uses itself and the floors below; apps on one floor do not know each other."""
    return label == other or rank(label) > rank(other)


def relations() -> list[tuple[str, str, str]]:
    """(app, field, app it points to) for every relation that a model of ours declares."""
    ours = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in APPS]
    fields: list[tuple[str, Field]] = [
        (model._meta.app_label, field)
        for model in ours
        for field in chain(model._meta.local_fields, model._meta.local_many_to_many)
        if field.is_relation and field.related_model is not None
    ]
    return [(label, str(field), field.related_model._meta.app_label) for label, field in fields]  # type: ignore[union-attr]


def test_relations_point_downwards() -> None:
    found = relations()
    assert len(found) > 20
    assert [relation for relation in found if not may_use(relation[0], relation[2])] == []


def test_migrations_depend_downwards() -> None:
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {key: migration for key, migration in migrations.items() if key[0] in APPS}
    assert len(ours) > 5
    upwards = [
        (key, dependency)
        for key, migration in ours.items()
        for dependency in migration.dependencies
        if not may_use(key[0], dependency[0])
    ]
    assert upwards == []


@pytest.mark.parametrize("label", APPS)
def test_migrations_of_an_app_stand_in_one_row(label: str) -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    assert len(loader.graph.leaf_nodes(label)) <= 1
