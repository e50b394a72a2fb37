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
            name="PhoneDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(default="phone", max_length=64, verbose_name="name")),
                ("confirmed", models.BooleanField(default=True, verbose_name="confirmed")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, editable=False, verbose_name="created at"
                    ),
                ),
                (
                    "last_used_at",
                    django_ding.models.fields.UtcDateTimeField(
                        blank=True, editable=False, null=True, verbose_name="last used at"
                    ),
                ),
                ("authentication_id", models.UUIDField(editable=False, null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_otp_device",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "phone device",
                "verbose_name_plural": "phone devices",
            },
        ),
    ]
