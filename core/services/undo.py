"""What a person did to many things last, so that it can be taken back: kept on the server, for that person only."""

from collections.abc import Iterable

from core.ids import public_id
from core.models import Preference
from core.services.preferences import preference_delete, preference_save


def undo_save(*, user_id: int, kind: str, keys: Iterable[int]) -> str:
    """Remember the things (database keys) a bulk action changed; the mark to take it back by. Only the last of its
    `kind` is remembered."""
    mark = public_id()
    preference_save(user_id=user_id, key=f"undo:{kind}", value={"mark": mark, "keys": list(keys)})
    return mark


def undo_take(*, user_id: int, kind: str, mark: str) -> list[int]:
    """The things behind a mark, once; none when it is not this person's last of its `kind`."""
    kept = Preference.objects.value(user_id, f"undo:{kind}")
    if not mark or not isinstance(kept, dict) or kept.get("mark") != mark:
        return []
    preference_delete(user_id=user_id, key=f"undo:{kind}")
    return [int(key) for key in kept["keys"]]
