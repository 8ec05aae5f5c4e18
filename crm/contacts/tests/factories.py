import factory

from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.models import Contact
from crm.contacts.phone_numbers import PhoneNumbers


class ContactFactory(factory.django.DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Example{n}")
    email = factory.Sequence(lambda n: f"contact{n}@example.com")
    email_normalized = factory.LazyAttribute(lambda it: normalize_address(it.email) if it.email else None)
    phone = ""
    country = ""
    phone_normalized = factory.LazyAttribute(lambda it: PhoneNumbers().normalized(it.phone, it.country))
    address_hash = factory.LazyAttribute(lambda it: address_hash(it.email_normalized) if it.email_normalized else None)
