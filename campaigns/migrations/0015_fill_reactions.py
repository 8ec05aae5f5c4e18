"""The reactions to what was sent before."""

from django.db import migrations

FILL = """
INSERT INTO campaigns_reactions (send_id, opened, clicked, unsubscribed)
SELECT send_id, count(*) FILTER (WHERE human_opens > 0), count(*) FILTER (WHERE human_clicks > 0), count(unsubscribed_at)
FROM campaigns_engagement GROUP BY send_id
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0014_reactions_and_addresses")]

    operations = [migrations.RunSQL(FILL, "DELETE FROM campaigns_reactions")]
