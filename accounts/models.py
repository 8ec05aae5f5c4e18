"""The models of accounts, where Django looks for them. Everybody else imports a model from its feature."""

from accounts.audit.models import AuditEntry
from accounts.company.models import Company
from accounts.people.models import Invitation, Team, User
from accounts.tokens.models import ApiToken

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Company",
    "Invitation",
    "Team",
    "User",
]
