"""The engine's clock."""

from typing import Any

BEAT: dict[str, Any] = {
    "delivery-tick": {"task": "delivery.tick", "schedule": 3.0},
}
