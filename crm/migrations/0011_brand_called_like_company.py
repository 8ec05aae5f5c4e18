"""The first brand is called like the company: what was put there at set-up, before anybody had said, goes."""

from django.db import migrations


def let_go_of_names(apps, schema_editor):
    """The software's own name, and names that only repeat the company's."""
    company = apps.get_model("accounts", "Company").objects.first()
    brands = apps.get_model("crm", "Brand").objects
    first = brands.order_by("pk").first()
    if first is not None and first.name in {"Cauce", company.name if company else ""}:
        first.name = ""
        if company and first.website == company.website:
            first.website = ""
        first.save(update_fields=["name", "website"])


class Migration(migrations.Migration):
    dependencies = [("crm", "0010_brand_without_a_name"), ("accounts", "0001_initial")]

    operations = [migrations.RunPython(let_go_of_names, migrations.RunPython.noop)]
