"""The reactions to each send, kept by the database; addresses of the ledger found by their beginning."""

import django.db.models.deletion
from django.db import migrations, models

# What a statement did to engagements, added to the sums of its sends. The sends are taken in order, so that two writers
# never wait for each other crosswise. Each branch is planned only where its tables exist.
KEEP = """
CREATE FUNCTION campaigns_reactions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO campaigns_reactions AS r (send_id, opened, clicked, unsubscribed)
        SELECT send_id, count(*) FILTER (WHERE human_opens > 0), count(*) FILTER (WHERE human_clicks > 0),
            count(unsubscribed_at)
        FROM fresh GROUP BY send_id ORDER BY send_id
        ON CONFLICT (send_id) DO UPDATE SET opened = r.opened + excluded.opened,
            clicked = r.clicked + excluded.clicked, unsubscribed = r.unsubscribed + excluded.unsubscribed;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO campaigns_reactions AS r (send_id, opened, clicked, unsubscribed)
        SELECT send_id, sum(opened), sum(clicked), sum(unsubscribed) FROM (
            SELECT send_id, (human_opens > 0)::int AS opened, (human_clicks > 0)::int AS clicked,
                (unsubscribed_at IS NOT NULL)::int AS unsubscribed FROM fresh
            UNION ALL
            SELECT send_id, -(human_opens > 0)::int, -(human_clicks > 0)::int, -(unsubscribed_at IS NOT NULL)::int
            FROM stale
        ) changes
        GROUP BY send_id HAVING sum(opened) <> 0 OR sum(clicked) <> 0 OR sum(unsubscribed) <> 0 ORDER BY send_id
        ON CONFLICT (send_id) DO UPDATE SET opened = r.opened + excluded.opened,
            clicked = r.clicked + excluded.clicked, unsubscribed = r.unsubscribed + excluded.unsubscribed;
    ELSE
        UPDATE campaigns_reactions r SET opened = r.opened - gone.opened, clicked = r.clicked - gone.clicked,
            unsubscribed = r.unsubscribed - gone.unsubscribed
        FROM (
            SELECT send_id, count(*) FILTER (WHERE human_opens > 0) AS opened,
                count(*) FILTER (WHERE human_clicks > 0) AS clicked, count(unsubscribed_at) AS unsubscribed
            FROM stale GROUP BY send_id
        ) gone WHERE r.send_id = gone.send_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reactions_of_new AFTER INSERT ON campaigns_engagement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION campaigns_reactions_keep();
CREATE TRIGGER reactions_of_changed AFTER UPDATE ON campaigns_engagement
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION campaigns_reactions_keep();
CREATE TRIGGER reactions_of_gone AFTER DELETE ON campaigns_engagement
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION campaigns_reactions_keep();
"""
LET_GO = """
DROP TRIGGER reactions_of_new ON campaigns_engagement;
DROP TRIGGER reactions_of_changed ON campaigns_engagement;
DROP TRIGGER reactions_of_gone ON campaigns_engagement;
DROP FUNCTION campaigns_reactions_keep();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0013_warm_up")]

    operations = [
        migrations.CreateModel(
            name="Reactions",
            fields=[
                (
                    "send",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="reactions",
                        serialize=False,
                        to="campaigns.send",
                    ),
                ),
                ("opened", models.IntegerField(default=0)),
                ("clicked", models.IntegerField(default=0)),
                ("unsubscribed", models.IntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["send", "address"], name="delivery_by_address", opclasses=["int8_ops", "varchar_pattern_ops"]
            ),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
