from django.conf import settings
from django.db import migrations


def create_devices(apps, schema_editor):
    """Give each user who has a verified number a device, as those who verify one later get theirs."""
    alias = schema_editor.connection.alias
    numbers = apps.get_model("django_ding", "PhoneNumber").objects.using(alias)
    devices = apps.get_model("django_ding_otp", "PhoneDevice").objects.using(alias)
    users = numbers.order_by().values_list("user", flat=True).distinct()
    devices.bulk_create((devices.model(user_id=user) for user in users), batch_size=1000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("django_ding", "0001_initial"),
        ("django_ding_otp", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(create_devices, migrations.RunPython.noop)]
