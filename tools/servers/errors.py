"""What can go wrong before Django is up."""


class StartError(Exception):
    """Something keeps Cauce from starting; the message says what, and recommended action about it."""
