"""The demo company: the same for the same seed, and its numbers agree with each other."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q, Sum
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.experiments.models import Experiment
from crm.contacts.models import Contact
from crm.forms.models import LeadForm
from crm.leads.models import Lead
from crm.sales.models import Order
from crm.scoring.models import RfmScore
from delivery.sends.models import Delivery, Send
from delivery.tracking.models import Engagement
from marketing.segments.models import Segment
from marketing.spend.models import SpendEntry
from tools.demo.load import CHANNELS, Loader
from tools.demo.world import World


def test_the_world_is_the_same_for_the_same_seed() -> None:
    day = date(2026, 6, 1)
    one, other = World(today=day, channels=CHANNELS), World(today=day, channels=CHANNELS)
    assert one.orders_csv() == other.orders_csv()
    assert list(one.spend()) == list(other.spend())
    assert max(order.placed.date() for _person, order in one.orders) <= day


def test_every_part_agrees_with_the_others(db: None, client: Client, settings, tmp_path: Path) -> None:
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    loader = Loader(tell=lambda step: None)
    loader.load()
    world = loader.world
    bought = [order for _person, order in world.orders if not order.is_return]
    assert Order.objects.sales().count() == len(bought)
    form = LeadForm.objects.get()
    through_form = form.submissions.count()
    assert Lead.objects.count() == sum(1 for person in world.people if person.channel) + through_form
    assert Contact.objects.customers().count() == RfmScore.objects.count()
    assert SpendEntry.objects.aggregate(all=Sum("amount"))["all"] == sum(
        (amount for _day, _code, amount in World(today=loader.today, channels=CHANNELS).spend()), Decimal(0)
    )
    for send in Send.objects.filter(state=Send.State.FINISHED):
        ledger = Delivery.objects.filter(send=send)
        assert ledger.count() == send.audience
        assert not ledger.exclude(state__in=Delivery.FINAL).exists()
    strangers = Engagement.objects.exclude(contact_id__in=Contact.objects.values("pk"))
    assert not strangers.exists()
    assert {"winner", "no_difference"} <= set(Experiment.objects.values_list("verdict", flat=True))
    assert Campaign.objects.filter(send__state=Send.State.SCHEDULED, send__scheduled_at__gt=timezone.now()).exists()
    assert all(segment.size for segment in Segment.objects.all())
    client.force_login(User.objects.get(email="director@demo.example"))
    assert f'href="/forms/{form.public_id}/"' in client.get("/demand/").content.decode()
    assert form.title in client.get(f"/f/lead/{form.public_id}/").content.decode()
    unnamed = Contact.objects.filter(Q(first_name="") | Q(last_name="") | Q(city="") | Q(country=""))
    assert not unnamed.exclude(leads__submission__form=form).exists()
    buyers = Contact.objects.customers().filter(leads=None)
    assert buyers.exclude(profession="").count() == buyers.count() > 100


def test_it_does_not_touch_a_company_that_has_contacts(db: None) -> None:
    Contact.objects.create(first_name="Ada")
    with pytest.raises(CommandError, match="empty installation"):
        call_command("demo_load")
    assert Contact.objects.count() == 1
