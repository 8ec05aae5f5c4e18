"""The customer base: people, consent, life cycle, leads, orders, scores, answers."""

from crm.models.capture import LeadForm, LeadFormSubmission
from crm.models.channels import Brand, Channel
from crm.models.contacts import (
    Consent,
    ConsentTopic,
    Contact,
    ContactIdentity,
    MiniListMembership,
    Note,
    StageChange,
    Suppression,
)
from crm.models.followups import FollowUp
from crm.models.imports import ImportFile
from crm.models.sales import Lead, Order, OrderLine, Product
from crm.models.scores import RfmRun, RfmScore, RfmSegment
from crm.models.surveys import NpsAnswer

__all__ = [
    "Brand",
    "Channel",
    "Consent",
    "ConsentTopic",
    "Contact",
    "ContactIdentity",
    "FollowUp",
    "ImportFile",
    "Lead",
    "LeadForm",
    "LeadFormSubmission",
    "MiniListMembership",
    "Note",
    "NpsAnswer",
    "Order",
    "OrderLine",
    "Product",
    "RfmRun",
    "RfmScore",
    "RfmSegment",
    "StageChange",
    "Suppression",
]
