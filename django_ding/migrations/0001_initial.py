import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.lookups import Exact, IsNull

import django_ding.clock
import django_ding.models.fields
import django_ding.uuids
from django_ding.models.base import e164_constraint


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyStatistics",
            fields=[
                ("day", models.DateField(help_text="in UTC", primary_key=True, serialize=False, verbose_name="day")),
                ("sends", models.PositiveIntegerField(default=0, verbose_name="codes sent")),
                ("delivered", models.PositiveIntegerField(default=0, verbose_name="messages delivered")),
                ("validated", models.PositiveIntegerField(default=0, verbose_name="codes entered")),
                (
                    "authentications",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="all rows of the day when it was counted, failed ones included",
                        verbose_name="verifications",
                    ),
                ),
                (
                    "refusals",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="all rows of the day when it was counted, each of a number and an hour",
                        verbose_name="blocked requests",
                    ),
                ),
                (
                    "rolled_up_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="updated at"),
                ),
                ("last_event", models.BigIntegerField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "statistics",
                "verbose_name_plural": "statistics",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="RateLimitCounter",
            fields=[
                ("key", models.CharField(max_length=96, primary_key=True, serialize=False, verbose_name="key")),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                ("expires_at", django_ding.models.fields.UtcDateTimeField(db_index=True, verbose_name="expires at")),
            ],
            options={
                "verbose_name": "rate limit counter",
                "verbose_name_plural": "rate limit counters",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Authentication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phone_number",
                    models.CharField(
                        help_text="E.164, such as +33612345678", max_length=16, verbose_name="phone number"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="ISO 3166-1 alpha-2, or a calling code such as +870",
                        max_length=4,
                        verbose_name="country",
                    ),
                ),
                (
                    "prefix",
                    models.CharField(
                        blank=True,
                        help_text="the number without its last four digits",
                        max_length=12,
                        verbose_name="prefix",
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=django_ding.uuids.uuid7, editable=False, unique=True, verbose_name="public ID"
                    ),
                ),
                ("purpose", models.CharField(default="link", max_length=32, verbose_name="purpose")),
                (
                    "requester_type",
                    models.CharField(
                        choices=[("visitor", "visitor"), ("login", "login by number"), ("user", "user")],
                        default="user",
                        editable=False,
                        max_length=8,
                        verbose_name="requester",
                    ),
                ),
                ("backend", models.CharField(default="default", max_length=64, verbose_name="backend")),
                ("authentication_uuid", models.CharField(blank=True, max_length=64, verbose_name="provider ID")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "created"),
                            ("pending", "pending"),
                            ("rate_limited", "rate limited"),
                            ("spam_detected", "flagged as fraud"),
                            ("unknown", "unknown"),
                            ("validated", "verified"),
                            ("expired", "expired"),
                            ("failed", "failed"),
                        ],
                        default="created",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("check_count", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("retry_count", models.PositiveSmallIntegerField(default=0, verbose_name="retries")),
                (
                    "next_retry_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="next retry at"),
                ),
                ("remaining_retry", models.PositiveSmallIntegerField(default=0, verbose_name="remaining retries")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="created at"
                    ),
                ),
                ("expires_at", django_ding.models.fields.UtcDateTimeField(verbose_name="expires at")),
                (
                    "validated_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="validated at"),
                ),
                ("backend_state", models.JSONField(blank=True, default=dict, editable=False)),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP address")),
                ("device_signals", models.JSONField(blank=True, default=dict, verbose_name="device signals")),
                ("error_code", models.CharField(blank=True, max_length=64, verbose_name="error code")),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sms", "SMS"),
                            ("rcs", "RCS"),
                            ("whatsapp", "WhatsApp"),
                            ("viber", "Viber"),
                            ("zalo", "Zalo"),
                            ("telegram", "Telegram"),
                            ("voice", "phone call"),
                            ("email", "email"),
                            ("silent", "silent verification"),
                            ("unknown", "unknown"),
                        ],
                        max_length=16,
                        verbose_name="channel",
                    ),
                ),
                (
                    "delivery_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "unknown"),
                            ("submitted", "submitted"),
                            ("in_transit", "in transit"),
                            ("delivered", "delivered"),
                            ("undeliverable", "undeliverable"),
                        ],
                        max_length=16,
                        verbose_name="delivery status",
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=6, verbose_name="carrier")),
                (
                    "price_amount",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=12, null=True, verbose_name="price"),
                ),
                ("price_currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                ("dedup_key", models.UUIDField(editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ding_authentications",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "verification",
                "verbose_name_plural": "verifications",
                "default_permissions": ("view",),
                "permissions": [
                    ("view_full_phone", "Can see full phone numbers"),
                    ("refresh_authentication", "Can refresh a verification from the provider"),
                    ("send_feedback", "Can send feedback to the provider"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[("prefix", "prefix"), ("country", "country")], max_length=16, verbose_name="scope"
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        help_text="a prefix such as +3361234, or a country such as FR or +870",
                        max_length=12,
                        verbose_name="subject",
                    ),
                ),
                (
                    "requester_type",
                    models.CharField(
                        choices=[("visitor", "visitor"), ("login", "login by number"), ("user", "user")],
                        max_length=8,
                        verbose_name="requester",
                    ),
                ),
                ("sends", models.PositiveIntegerField(verbose_name="requesters")),
                ("validated", models.PositiveIntegerField(verbose_name="requesters who entered a code")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="created at"
                    ),
                ),
                ("expires_at", django_ding.models.fields.UtcDateTimeField(db_index=True, verbose_name="expires at")),
                (
                    "lifted_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="lifted at"),
                ),
            ],
            options={
                "verbose_name": "block",
                "verbose_name_plural": "blocks",
                "default_permissions": ("view",),
                "permissions": [("lift_block", "Can lift a block")],
                "indexes": [
                    models.Index(
                        fields=["scope", "subject", "requester_type", "created_at"], name="django_ding_block_subject"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lockout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phone_number",
                    models.CharField(
                        help_text="E.164, such as +33612345678", max_length=16, verbose_name="phone number"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("phone", "phone number"), ("user", "user")], max_length=8, verbose_name="scope"
                    ),
                ),
                (
                    "requester_type",
                    models.CharField(
                        choices=[("visitor", "visitor"), ("login", "login by number"), ("user", "user")],
                        max_length=8,
                        verbose_name="requester",
                    ),
                ),
                ("wrong_codes", models.PositiveIntegerField(verbose_name="incorrect codes")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="created at"
                    ),
                ),
                (
                    "lifted_at",
                    django_ding.models.fields.UtcDateTimeField(
                        blank=True, db_index=True, null=True, verbose_name="lifted at"
                    ),
                ),
                ("active_key", models.CharField(editable=False, max_length=64, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_lockouts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "lockout",
                "verbose_name_plural": "lockouts",
                "default_permissions": ("view", "delete"),
                "permissions": [("lift_lockout", "Can lift a lockout")],
                "indexes": [models.Index(fields=["phone_number"], name="django_ding_lockout_number")],
                "constraints": [models.UniqueConstraint(fields=("active_key",), name="django_ding_one_active_lockout")],
            },
        ),
        migrations.CreateModel(
            name="DailyStatisticsItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(help_text="in UTC", verbose_name="day")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("country", "country"),
                            ("channel", "channel"),
                            ("carrier", "carrier"),
                            ("backend", "backend"),
                            ("prefix", "prefix"),
                            ("currency", "currency"),
                            ("seconds", "seconds"),
                            ("reason", "reason"),
                            ("guard", "block reason"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=64, verbose_name="name")),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                ("delivered", models.PositiveIntegerField(default=0, verbose_name="messages delivered")),
                ("validated", models.PositiveIntegerField(default=0, verbose_name="codes entered")),
                ("amount", models.DecimalField(decimal_places=6, default=0, max_digits=18, verbose_name="amount")),
            ],
            options={
                "verbose_name": "statistics item",
                "verbose_name_plural": "statistics items",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "day", "name"), name="django_ding_statistics_item")
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("authentication", "verification"),
                            ("attempt", "message"),
                            ("check", "attempt"),
                            ("delivery_status", "delivery status"),
                            ("balance_update", "balance update"),
                            ("cancel", "cancellation"),
                            ("feedback", "feedback"),
                            ("error", "error"),
                        ],
                        max_length=16,
                        verbose_name="type",
                    ),
                ),
                ("status", models.CharField(blank=True, max_length=64, verbose_name="status")),
                (
                    "occurred_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="occurred at"
                    ),
                ),
                (
                    "provider_event_id",
                    models.CharField(blank=True, max_length=128, null=True, verbose_name="provider event ID"),
                ),
                (
                    "attempt_number",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="message number"),
                ),
                (
                    "channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sms", "SMS"),
                            ("rcs", "RCS"),
                            ("whatsapp", "WhatsApp"),
                            ("viber", "Viber"),
                            ("zalo", "Zalo"),
                            ("telegram", "Telegram"),
                            ("voice", "phone call"),
                            ("email", "email"),
                            ("silent", "silent verification"),
                            ("unknown", "unknown"),
                        ],
                        max_length=16,
                        verbose_name="channel",
                    ),
                ),
                ("data", models.JSONField(blank=True, default=dict, verbose_name="data")),
                (
                    "authentication",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="django_ding.authentication",
                        verbose_name="verification",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LostPhoneNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("removed", "removed"),
                            ("taken_over", "taken over by another user"),
                            ("erased", "erased"),
                        ],
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                (
                    "lost_at",
                    django_ding.models.fields.UtcDateTimeField(default=django_ding.clock.now, verbose_name="lost at"),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_lost_phone_number",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "lost phone number",
                "verbose_name_plural": "lost phone numbers",
                "default_permissions": ("view", "delete"),
                "permissions": [("lift_lostphonenumber", "Can let in a user who lost their phone number")],
            },
        ),
        migrations.CreateModel(
            name="PhoneNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phone_number",
                    models.CharField(
                        help_text="E.164, such as +33612345678", max_length=16, verbose_name="phone number"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=django_ding.uuids.uuid7, editable=False, unique=True, verbose_name="public ID"
                    ),
                ),
                (
                    "verified_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="verified at"
                    ),
                ),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                (
                    "primary_marker",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(is_primary=True, then=models.Value(True)), default=models.Value(None)
                        ),
                        output_field=models.BooleanField(null=True),
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_phone_numbers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "phone number",
                "verbose_name_plural": "phone numbers",
                "default_permissions": ("view", "delete"),
                "ordering": ["-is_primary", "pk"],
                "permissions": [("revoke_phonenumber", "Can revoke a verified phone number")],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=django_ding.uuids.uuid7, editable=False, unique=True, verbose_name="public ID"
                    ),
                ),
                ("code_hash", models.CharField(editable=False, max_length=64, verbose_name="code hash")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="created at"
                    ),
                ),
                (
                    "expires_at",
                    django_ding.models.fields.UtcDateTimeField(db_index=True, verbose_name="expires at"),
                ),
                ("check_count", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "used_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="entered at"),
                ),
                (
                    "completed_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="completed at"),
                ),
                (
                    "revoked_at",
                    django_ding.models.fields.UtcDateTimeField(blank=True, null=True, verbose_name="revoked at"),
                ),
                ("active_key", models.CharField(editable=False, max_length=64, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ding_created_recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "recovery code",
                "verbose_name_plural": "recovery codes",
                "permissions": [("create_recoverycode", "Can create a recovery code")],
                "default_permissions": ("view", "delete"),
                "constraints": [
                    models.UniqueConstraint(fields=("active_key",), name="django_ding_one_active_recovery")
                ],
            },
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phone_number",
                    models.CharField(
                        help_text="E.164, such as +33612345678", max_length=16, verbose_name="phone number"
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        help_text="ISO 3166-1 alpha-2, or a calling code such as +870",
                        max_length=4,
                        verbose_name="country",
                    ),
                ),
                (
                    "prefix",
                    models.CharField(
                        blank=True,
                        help_text="the number without its last four digits",
                        max_length=12,
                        verbose_name="prefix",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("phone", "rate limit: per number"),
                            ("user", "rate limit: per user"),
                            ("ip", "rate limit: per IP address"),
                            ("prefix", "rate limit: per prefix"),
                            ("country", "rate limit: per country"),
                            ("all", "rate limit: global"),
                            ("conversion", "blocked: low conversion (possible SMS pumping)"),
                            ("locked_out", "locked out: too many incorrect codes in a row"),
                            ("unsupported_region", "codes aren't sent to this country"),
                            ("invalid_line", "this type of line can't receive a code"),
                            (
                                "outdated_phone_number",
                                "numbers in this country have changed, and this one is no longer valid",
                            ),
                            ("untrusted_number", "this site's lookup policy rejected the number"),
                        ],
                        max_length=64,
                        verbose_name="reason",
                    ),
                ),
                (
                    "hour",
                    django_ding.models.fields.UtcDateTimeField(
                        help_text="start of the hour, in UTC", verbose_name="hour"
                    ),
                ),
                ("count", models.PositiveIntegerField(default=1, verbose_name="count")),
                ("first_at", django_ding.models.fields.UtcDateTimeField(verbose_name="first seen")),
                ("last_at", django_ding.models.fields.UtcDateTimeField(verbose_name="last seen")),
                ("requester_key", models.CharField(blank=True, editable=False, max_length=64)),
                ("ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="IP address")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ding_refusals",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "blocked request",
                "verbose_name_plural": "blocked requests",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="RememberedDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=django_ding.uuids.uuid7, editable=False, unique=True, verbose_name="public ID"
                    ),
                ),
                ("key_hash", models.CharField(editable=False, max_length=64, verbose_name="key hash")),
                (
                    "created_at",
                    django_ding.models.fields.UtcDateTimeField(
                        default=django_ding.clock.now, verbose_name="created at"
                    ),
                ),
                ("expires_at", django_ding.models.fields.UtcDateTimeField(db_index=True, verbose_name="expires at")),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="such as “Safari, iPhone”", max_length=100, verbose_name="name"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ding_remembered_devices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "remembered device",
                "verbose_name_plural": "remembered devices",
                "default_permissions": ("view", "delete"),
                "constraints": [models.UniqueConstraint(fields=("key_hash",), name="django_ding_device_key")],
            },
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["phone_number", "-created_at"], name="django_ding_auth_number"),
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["user", "-created_at"], name="django_ding_auth_user"),
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["created_at"], name="django_ding_auth_created"),
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["authentication_uuid"], name="django_ding_auth_uuid"),
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["status", "created_at"], name="django_ding_auth_status"),
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["prefix", "created_at"], name="django_ding_auth_prefix"),
        ),
        migrations.AddIndex(
            model_name="authentication",
            index=models.Index(fields=["country", "created_at"], name="django_ding_auth_country"),
        ),
        migrations.AddConstraint(
            model_name="authentication",
            constraint=models.UniqueConstraint(fields=("dedup_key",), name="django_ding_auth_dedup"),
        ),
        migrations.AddConstraint(
            model_name="authentication",
            constraint=models.CheckConstraint(
                condition=Exact(Exact(models.F("status"), "validated"), IsNull(models.F("validated_at"), False)),
                name="django_ding_validated_has_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="authentication",
            constraint=e164_constraint(name="django_ding_auth_is_e164"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                fields=("authentication", "provider_event_id"), name="django_ding_event_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonenumber",
            constraint=models.UniqueConstraint(fields=("phone_number",), name="django_ding_one_account_per_number"),
        ),
        migrations.AddConstraint(
            model_name="phonenumber",
            constraint=models.UniqueConstraint(
                fields=("user", "primary_marker"), name="django_ding_one_primary_per_user"
            ),
        ),
        migrations.AddConstraint(
            model_name="phonenumber",
            constraint=e164_constraint(name="django_ding_number_is_e164"),
        ),
        migrations.AddIndex(
            model_name="refusal",
            index=models.Index(fields=["hour"], name="django_ding_refusal_hour"),
        ),
        migrations.AddIndex(
            model_name="refusal",
            index=models.Index(fields=["country", "hour"], name="django_ding_refusal_country"),
        ),
        migrations.AddConstraint(
            model_name="refusal",
            constraint=models.UniqueConstraint(
                fields=("phone_number", "reason", "hour", "requester_key"), name="django_ding_one_refusal_per_hour"
            ),
        ),
    ]
