"""Letters ready to launch, for tests."""

from collections.abc import Sequence

import factory

from accounts.people.models import User
from campaigns.letters.models import Letter
from campaigns.letters.services import letter_create
from crm.contacts.models import Contact
from delivery.senders.tests.factories import identity_make
from delivery.sends.models import Send
from delivery.sends.tests.factories import SendFactory


class LetterFactory(factory.django.DjangoModelFactory[Letter]):
    class Meta:
        model = Letter

    send = factory.SubFactory(SendFactory, kind=Send.Kind.LETTER)


def letter_make(author: User, contacts: Sequence[Contact] = ()) -> Letter:
    identity_make()
    body = "Hello {{ contact.first_name }},\n\nthe tea is here.\n\nOlga\n"
    letter = letter_create(author=author, subject="The tea is here", body=body, contacts=contacts)
    return Letter.objects.select_related("send__identity__brand", "author").get(pk=letter.pk)
