"""Sales in the SQL of other apps: fragments that stand within a statement of theirs."""


def sales_of(contact: str, alias: str) -> str:
    """The purchases of the contact whose id is the expression `contact`, under `alias`: what follows JOIN, to be
    narrowed with AND. A purchase is a sale over nothing: returns and empty orders are none.

    Others count on `placed_at`.
    """
    return f"crm_order {alias} ON {alias}.contact_id = {contact} AND {alias}.kind = 'sale' AND {alias}.gross > 0"
