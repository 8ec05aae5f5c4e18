"""Who may do what with content and letters."""

from accounts.access import is_designer, is_marketer, is_salesperson
from accounts.people.models import User

may_shape = is_designer
may_write_letters = is_salesperson


def may_hold_letters(user: User) -> bool:
    """Go on with a letter that stands, or end it: its author, and who runs campaigns."""
    return is_salesperson(user) or is_marketer(user)


def may_read_letters(user: User) -> bool:
    """Salespeople read their own letters, the office everybody's."""
    return user.is_active
