import factory

from crm.channels.tests.factories import ChannelFactory
from crm.contacts.tests.factories import ContactFactory
from crm.leads.models import Lead


class LeadFactory(factory.django.DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    contact = factory.SubFactory(ContactFactory)
    channel = factory.SubFactory(ChannelFactory)
