"""What marketing offers to the rest, by feature; and its clock."""

from typing import Any

from marketing.planning import registrations as planning  # noqa: F401
from marketing.propositions import registrations as propositions  # noqa: F401
from marketing.segments import registrations as segments
from marketing.spend import registrations as spend  # noqa: F401

BEAT: dict[str, Any] = {**segments.BEAT}
