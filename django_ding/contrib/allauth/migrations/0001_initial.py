import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import django_ding.clock
import django_ding.models.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UnverifiedPhoneNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phone_number", models.CharField(max_length=16, verbose_name="phone number")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="created at"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_unverified_phone_number",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "unverified phone number",
                "verbose_name_plural": "unverified phone numbers",
            },
        ),
    ]
