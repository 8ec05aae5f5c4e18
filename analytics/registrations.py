"""What analytics offers to the rest, by feature."""

from analytics.dashboards import registrations as dashboards  # noqa: F401
from analytics.kpis import registrations as kpis  # noqa: F401
