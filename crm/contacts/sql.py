"""Contacts in the SQL of other apps: fragments that stand within a statement of theirs, so that the planner sees the
whole of it. What they name is the contract; a value is never part of the text, it travels as a parameter."""

# Parameter: the ids of contacts that were written to, now.
CONTACTS_TOUCH = "UPDATE crm_contact SET last_contacted_at = clock_timestamp() WHERE id = ANY(%s::bigint[])"


def contacts_as(alias: str) -> str:
    """All contacts under `alias`, to join; one row each, `id` its key.

    Others count on `email_normalized` (null without an address), `address_hash` (null with it), `first_order_at` (null
    before the first order), `archived_at`, and the columns that describe the person, which messages merge.
    """
    return f"crm_contact {alias}"


def contact_by_id(key: str) -> str:
    """The same columns of the contact whose id is the expression `key`; one row, or none. As a LATERAL source it is one
    probe of the primary key per row, whatever the statistics say (LIMIT keeps the planner from reading the table)."""
    return f"SELECT * FROM crm_contact WHERE id = {key} LIMIT 1"
