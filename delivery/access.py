"""Who may do what with sending."""

from accounts.access import is_director, is_marketer, is_office

may_read = is_office
may_launch = is_marketer
may_set_limits = is_director
