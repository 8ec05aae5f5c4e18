"""What features above hang on the list of leads."""

from dataclasses import dataclass

from core.registry import Registry
from core.ui.tables.filters import Filter


@dataclass(frozen=True)
class LeadFilter:
    """A filter of the list of leads, after its own."""

    code: str
    filter: Filter


lead_filters: Registry[LeadFilter] = Registry("filter of leads")
