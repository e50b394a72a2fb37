import uuid

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tests.hosts.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CodeUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("code", tests.hosts.models.CodeField(primary_key=True, serialize=False)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="DeletedUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("is_deleted", models.BooleanField(default=False)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="EmailUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("number", tests.hosts.models.CodeField(db_column="select", primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "contacts",
            },
        ),
        migrations.CreateModel(
            name="ManagedUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
            managers=[
                ("people", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="MobileUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("mobile", models.CharField(blank=True, max_length=16, null=True, unique=True)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("uid", models.UUIDField(db_column="Uid", default=uuid.uuid4, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="PhoneUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("phone", models.CharField(max_length=16, unique=True)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="RenamedUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("account", models.BigAutoField(db_column="Account No", primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "Host Users",
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="TextUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("id", models.CharField(max_length=150, primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "order",
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="ULIDUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                (
                    "ulid",
                    tests.hosts.models.ULIDField(
                        db_column="userULID", max_length=26, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="UniqueEmailUser",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="UUIDUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
        migrations.CreateModel(
            name="InheritedUser",
            fields=[
                (
                    "contact_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="hosts.contact",
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
            bases=("hosts.contact", models.Model),
        ),
        migrations.CreateModel(
            name="PersonUser",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("is_active", models.BooleanField(default=True)),
                ("username", models.CharField(max_length=150, unique=True)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="hosts.person",
                    ),
                ),
            ],
            options={
                "swappable": "AUTH_USER_MODEL",
            },
        ),
    ]
