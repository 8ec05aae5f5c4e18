"""Who may do what with segments and propositions: the office reads, marketers and the director change."""

from accounts.access import is_marketer, is_office

may_read = is_office
may_edit = is_marketer
