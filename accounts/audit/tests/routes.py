"""What the audit trail promises to whom."""

from tests.matrix.registry import OFFICE, Route

ROUTES = {
    "audit_list": Route(get=OFFICE),
    "audit_export": Route(get=OFFICE),
}
