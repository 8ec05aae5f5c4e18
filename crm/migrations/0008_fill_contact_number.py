from django.db import migrations

FILL = """
UPDATE crm_contact c SET number = i.external_id
FROM (SELECT DISTINCT ON (contact_id) contact_id, external_id FROM crm_contactidentity ORDER BY contact_id, id) i
WHERE i.contact_id = c.id AND c.number = ''
"""


class Migration(migrations.Migration):
    """People known by a number in another system are called by it."""

    dependencies = [("crm", "0007_contact_number")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
