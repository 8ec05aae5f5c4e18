"""Relations between models, which name an app by text, point downwards."""

from itertools import chain

from django.apps import apps
from django.db.models import Field

from tests.architecture.floors import APPS, may_use


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
