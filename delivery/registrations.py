"""What delivery offers to the rest, by feature; and its clock."""

from typing import Any

from delivery.domains import registrations as domains
from delivery.engine import registrations as engine
from delivery.feedback import registrations as feedback
from delivery.guardrails import registrations as guardrails  # noqa: F401
from delivery.senders import registrations as senders  # noqa: F401
from delivery.sends import registrations as sends
from delivery.tracking import registrations as tracking
from delivery.transports import registrations as transports  # noqa: F401

# What stands in lists in the order of its registration, whatever the order of the imports above.
sends.register()
tracking.register()
feedback.register()

BEAT: dict[str, Any] = {**engine.BEAT, **tracking.BEAT, **domains.BEAT, **sends.BEAT, **feedback.BEAT}
