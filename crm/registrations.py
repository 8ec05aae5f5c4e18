"""What the customer base offers the rest of the house."""

from typing import Any

BEAT: dict[str, Any] = {}
