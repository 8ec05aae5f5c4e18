"""What accounts offers to the rest, by feature."""

from accounts.audit import registrations as audit  # noqa: F401
from accounts.company import registrations as company  # noqa: F401
from accounts.people import registrations as people  # noqa: F401
from accounts.tokens import registrations as tokens  # noqa: F401
