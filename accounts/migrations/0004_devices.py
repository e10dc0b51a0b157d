"""Devices in which people are signed in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _end_sessions(apps, schema_editor):
    # A session that the list of devices does not show could not be ended there either.
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    """Everybody signs in once more, so that every session has its device."""

    dependencies = [
        ("accounts", "0003_request_limits"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(_end_sessions, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("summary", models.CharField(max_length=60)),
                ("address", models.GenericIPAddressField()),
                ("created_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("session", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="device", to="sessions.session")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="devices", to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
