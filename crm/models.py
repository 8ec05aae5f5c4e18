"""The models of crm, where Django looks for them. Everybody else imports a model from its feature."""

from crm.activities.models import FollowUp, Note
from crm.brands.models import Brand
from crm.channels.models import Channel
from crm.consent.models import Consent, ConsentTopic, Suppression
from crm.contacts.models import Contact, ContactIdentity, MiniListMembership, StageChange
from crm.forms.models import LeadForm, LeadFormSubmission
from crm.imports.models import ImportFile
from crm.leads.models import Lead
from crm.sales.models import Order, OrderLine, Product
from crm.scoring.models import RfmRun, RfmScore, RfmSegment
from crm.surveys.models import NpsAnswer

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
