"""What the interface remembers of a person."""

from typing import Any

from core.models import Preference


def preference_save(*, user_id: int, key: str, value: Any) -> None:
    """Remember `value` (JSON) under `key`, instead of what was there."""
    Preference.objects.update_or_create(user_id=user_id, key=key, defaults={"value": value})


def preference_delete(*, user_id: int, key: str) -> None:
    Preference.objects.filter(user_id=user_id, key=key).delete()
