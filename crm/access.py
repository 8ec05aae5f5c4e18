"""Who may do what with the customer base."""

from accounts.access import is_marketer, is_salesperson
from accounts.people.models import User


def can_edit_contacts(user: User) -> bool:
    """Write down who somebody is and what was said: the marketers, and salespeople for their own customers."""
    return is_marketer(user) or is_salesperson(user)
