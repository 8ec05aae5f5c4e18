"""Consent and suppression in the SQL of other apps: fragments that stand within a statement of theirs, so that the
planner sees the whole of it. What they name is the contract; a value is never part of the text."""


def is_suppressed(address_hash: str) -> str:
    """A condition: nothing is sent to the address with the hash that the expression `address_hash` gives."""
    return f"EXISTS (SELECT FROM crm_suppression s WHERE s.address_hash = {address_hash} AND s.lifted_at IS NULL)"


def email_consents(narrowed: str = "") -> str:
    """What contacts said about e-mail: (contact_id, given), one row for each who ever said something.

    Parameter `topic`: on that topic the newest record holds; null: a current consent on any topic will do. `narrowed`
    is a condition on `contact_id` that begins with AND, where not everybody's is needed.
    """
    return f"""
    SELECT contact_id, bool_or(given) AS given FROM (
        SELECT DISTINCT ON (contact_id, topic_id) contact_id, given FROM crm_consent
        WHERE channel = 'email' AND (%(topic)s::bigint IS NULL OR topic_id = %(topic)s) {narrowed}
        ORDER BY contact_id, topic_id, at DESC, id DESC
    ) newest GROUP BY contact_id
"""


def suppressions_insert(found: str) -> str:
    """Suppress every address of `found`, a SELECT of (address_hash, reason, source, at) with each hash once. Those that
    are suppressed already stay as they are."""
    return f"""
    INSERT INTO crm_suppression (address_hash, reason, source, at)
    {found}
    ON CONFLICT (address_hash) WHERE lifted_at IS NULL DO NOTHING
"""
