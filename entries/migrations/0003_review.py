"""Items say that nobody has reviewed them, and when somebody had."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('entries', '0002_existing'),
    ]

    operations = [
        migrations.AddField(
            model_name='entry',
            name='reviewed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='entry',
            name='shows_unreviewed',
            field=models.BooleanField(default=False),
        ),
    ]
