"""Entries know when their items end: lists ask neither pastes nor documents for it."""

from django.db import migrations, models

TAKE_OVER = """
UPDATE entries_entry SET expires_at = {table}.expires_at FROM {table}
WHERE {table}.envelope_id = entries_entry.envelope_id AND {table}.expires_at IS NOT NULL
"""


class Migration(migrations.Migration):
    """A server of the version before writes none: what it changes is listed until the sweep."""

    dependencies = [("entries", "0004_search_places")]

    operations = [
        migrations.AddField(
            model_name="entry", name="expires_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(TAKE_OVER.format(table="pastebin_paste"), migrations.RunSQL.noop),
        migrations.RunSQL(TAKE_OVER.format(table="documents_document"), migrations.RunSQL.noop),
    ]
