"""Migrations depend downwards, and those of an app stand in one row."""

import pytest
from django.db.migrations.loader import MigrationLoader

from tests.architecture.floors import APPS, may_use


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
