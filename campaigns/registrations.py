"""What campaigns offer to the rest, by feature."""

from django.utils.translation import gettext_lazy as _

from accounts.tokens.scopes import Scope, scopes
from campaigns.campaigns import registrations as campaigns  # noqa: F401
from campaigns.campaigns.alerts import feedback_alerts
from campaigns.content import registrations as content  # noqa: F401
from campaigns.experiments import registrations as experiments  # noqa: F401
from campaigns.letters import registrations as letters  # noqa: F401
from core.ui.alerts import AlertSource, alert_sources

# After those of campaigns and letters: alerts of one urgency stand in the order of their sources.
alert_sources.register(AlertSource("feedback", feedback_alerts))
scopes.register(
    Scope(code="campaigns:write", title=_("Launch campaigns"), explanation=_("Create, edit and launch campaigns."))
)
scopes.register(
    Scope(code="campaigns:read", title=_("Read campaigns"), explanation=_("Campaigns, progress and results."))
)
