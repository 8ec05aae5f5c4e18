import factory

from crm.channels.models import Channel


class ChannelFactory(factory.django.DjangoModelFactory[Channel]):
    class Meta:
        model = Channel
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"channel_{n}")
    name = factory.Sequence(lambda n: f"Channel {n}")
    group = Channel.Group.OUTBOUND
