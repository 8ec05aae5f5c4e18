"""What marketing offers the rest of the house."""

from typing import Any

from marketing import segment_fields

BEAT: dict[str, Any] = {}

segment_fields.register()
