"""How an app offers a thing to the apps below it: ordered registries filled from `AppConfig.ready`."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    @property
    def code(self) -> str: ...


Item = TypeVar("Item", bound=Named)


class Registry(Generic[Item]):
    """Items by their unique `code`, in the order they were registered."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._items: dict[str, Item] = {}

    def register(self, item: Item) -> Item:
        """Add `item`. Raises ValueError when its code is taken by another."""
        if self._items.get(item.code, item) != item:
            raise ValueError(f"{self.what} {item.code!r} is registered twice")
        self._items[item.code] = item
        return item

    def get(self, code: str) -> Item | None:
        return self._items.get(code)

    def __getitem__(self, code: str) -> Item:
        return self._items[code]

    def __contains__(self, code: object) -> bool:
        return code in self._items

    def __iter__(self) -> Iterator[Item]:
        return iter(tuple(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)
