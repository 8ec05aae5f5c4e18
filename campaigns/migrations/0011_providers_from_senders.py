"""A sender's own mail server becomes a provider, and that sender's first."""

from django.db import migrations


def make_providers(apps, schema_editor):
    from campaigns.models import Provider as Today

    provider_model = apps.get_model("campaigns", "Provider")
    use_model = apps.get_model("campaigns", "ProviderUse")
    made = {}
    for identity in apps.get_model("campaigns", "SendingIdentity").objects.exclude(smtp_url=""):
        url = identity.smtp_url
        if url not in made:
            sealed = Today()
            sealed.url = url
            host = sealed.place.partition("://")[2].partition(":")[0]
            taken = provider_model.objects.filter(name__startswith=host).count()
            name = f"{host} {taken + 1}" if taken else host
            made[url] = provider_model.objects.create(name=name, place=sealed.place, sealed_url=sealed.sealed_url)
        use_model.objects.create(identity=identity, provider=made[url], position=1)


def give_back(apps, schema_editor):
    from core.secrets import secret_open

    for use in apps.get_model("campaigns", "ProviderUse").objects.filter(position=1).select_related("provider"):
        apps.get_model("campaigns", "SendingIdentity").objects.filter(pk=use.identity_id).update(
            smtp_url=secret_open(use.provider.sealed_url)[:300]
        )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0010_providers")]

    operations = [migrations.RunPython(make_providers, give_back)]
