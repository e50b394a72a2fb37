"""The history of verifications: one with its timeline, and lists of them."""

from collections.abc import Mapping
from datetime import datetime

from django_ding import phone

from ..errors import ProviderError
from ..lookup import network
from ..memory import SimAttempt, SimCheck
from ..status import rfc3339
from ..window_rules import history_status
from ..windows import RISK_FACTORS, SimVerification
from .filters import read_filters, read_number
from .views import Content, V2View

_STATUS_DETAILS = {
    "expired_or_not_found": "expired_auth",
    "too_many_checks": "rate_limited",
    "transaction_missing": "transaction_missing",
    "transaction_mismatch": "transaction_mismatch",
}
_MAX_PAGE = 100
_DEFAULT_PAGE = 20


class RetrieveView(V2View):
    operation = "status"
    methods = ("GET",)

    def parse(self) -> str:
        self.verification = self.simulator.verification(self.kwargs["id"])
        return self.verification.phone_number

    def execute(self, outcome: str) -> Content:
        return {**_common(self, self.verification), **_details(self, self.verification)}


class ListView(V2View):
    operation = "status"
    methods = ("GET",)

    def parse(self) -> str:
        query = self.request.GET
        self.filters = read_filters(query, self.simulator.clock())
        limit = read_number(query, "limit")
        self.limit = _DEFAULT_PAGE if limit is None else limit
        self.cursor = query.get("cursor")
        if not 1 <= self.limit <= _MAX_PAGE:
            raise ProviderError("invalid_request", f"limit must be from 1 to {_MAX_PAGE}.")
        return ""

    def execute(self, outcome: str) -> Content:
        found = [one for one in self.simulator.verifications() if all(accepts(one) for accepts in self.filters)]
        # The cursor is the last ID seen, so that new verifications don't shift the pages.
        ids = [one.uuid for one in found]
        start = ids.index(self.cursor) + 1 if self.cursor in ids else 0
        if self.cursor is not None and not start:
            raise ProviderError("invalid_request", "The cursor is not valid with these filters.")
        page = found[start : start + self.limit]
        has_more = len(found) > start + self.limit
        return {
            "verifications": [_entry(self, one) for one in page],
            **({"next_cursor": page[-1].uuid} if has_more else {}),
        }


def _common(view: V2View, verification: SimVerification) -> Content:
    signals = verification.request.signals
    optional = {
        "device_platform": signals.get("device_platform"),
        "phone_number_condition": verification.condition,
    }
    return {
        "id": verification.uuid,
        "created_at": rfc3339(verification.created_at),
        "phone_number": verification.phone_number,
        "status": history_status(verification, view.simulator.clock()),
        **_present(optional),
    }


def _entry(view: V2View, verification: SimVerification) -> Content:
    attempts, now = verification.attempts, view.simulator.clock()
    channels = dict.fromkeys((*(attempt.channel for attempt in attempts), *verification.plan))
    converted = next((check for check in verification.checks if check.status == "success"), None)
    return {
        **_common(view, verification),
        "channels": [
            {"channel": channel, "converted": bool(converted and channel == _channel_of(converted, verification))}
            for channel in channels
        ],
        "delivered": any(attempt.delivery_status(now) == "delivered" for attempt in attempts),
        "attempts": len(attempts),
        **_present(
            {"converted_at": rfc3339(converted.created_at) if converted else None, "cost": _total(view, verification)}
        ),
    }


def _details(view: V2View, verification: SimVerification) -> Content:
    request, signals = verification.request, verification.request.signals
    names = ("device_id", "ja4_fingerprint", "os_version", "user_agent")
    optional = {
        "correlation_id": request.correlation_id,
        "template_id": request.template_id,
        "ip_address": signals.get("ip"),
        "app_version": signals.get("app_version"),
        "device_model": signals.get("device_model"),
        "block_reasons": list(RISK_FACTORS.get(verification.reason or "", ())) or None,
    }
    codes = network(verification.phone_number)
    return {
        "expires_at": rfc3339(verification.expires_at),
        "carrier": {"mccmnc": f"{codes['mcc']}{codes['mnc']}", "name": view.simulator.options.carrier},
        "phone_number_region": phone.country(verification.phone_number),
        **_present(optional),
        "signals": {
            "is_trusted_user": signals.get("is_trusted_user", False),
            **_present({name: signals.get(name) for name in names}),
        },
        "lifecycle": _lifecycle(view, verification),
    }


def _lifecycle(view: V2View, verification: SimVerification) -> Content:
    now, options = view.simulator.clock(), view.simulator.options
    is_open = verification.is_running(now)
    price = options.attempt_price_amount
    created_at = verification.created_at
    timed: list[tuple[datetime, Content]] = []
    if verification.attempts:
        create = {"created_at": rfc3339(created_at), "cost": _money(options.price_amount, options.price_currency)}
        timed.append((created_at, {"type": "create", "create": create}))
    for attempt in verification.attempts:
        cost = _money(price, options.price_currency)
        timed.append((attempt.created_at, {"type": "attempt", "attempt": _attempt(attempt, now, cost, is_open)}))
    timed.extend(
        (check.created_at, {"type": "check", "check": _check(check, verification, is_open)})
        for check in verification.checks
    )
    undeliverable = sum(attempt.delivery_status(now) == "undeliverable" for attempt in verification.attempts)
    return {
        # By time alone: events of one moment keep the order in which they were added, and dicts cannot be compared.
        "events": [event for _, event in sorted(timed, key=lambda pair: pair[0])],
        **_present({"total_cost": _total(view, verification)}),
        "undeliverable_route_count": undeliverable,
    }


def _attempt(attempt: SimAttempt, now: datetime, cost: Content, is_open: bool) -> Content:
    status = attempt.delivery_status(now)
    return {
        "id": attempt.id,
        "created_at": rfc3339(attempt.created_at),
        "channel": attempt.channel,
        "content": attempt.content.replace(attempt.code, "*" * len(attempt.code)) if is_open else attempt.content,
        "cost": cost,
        "status": "failed" if status == "undeliverable" else "succeeded",
        "trigger": "initial" if attempt.attempt_number == 1 else "user_retry",
        # The finer states are those of the delivery events.
        "delivery_status": "in_transit" if status == "submitted" else status,
        "delivery_events": [
            {"received_at": rfc3339(report.at), "status": report.status} for report in attempt.reports_until(now)
        ],
    }


def _check(check: SimCheck, verification: SimVerification, is_open: bool) -> Content:
    optional = {
        "channel": _channel_of(check, verification),
        "value": None if is_open else check.code,
        "status_detail": _STATUS_DETAILS.get(check.status),
    }
    return {
        "created_at": rfc3339(check.created_at),
        "is_valid": check.status == "success",
        **_present(optional),
    }


def _channel_of(check: SimCheck, verification: SimVerification) -> str | None:
    """Return the channel of the code that was entered."""
    return next((attempt.channel for attempt in verification.attempts if attempt.code == check.code), None)


def _total(view: V2View, verification: SimVerification) -> Content | None:
    options, attempts = view.simulator.options, len(verification.attempts)
    if not attempts:
        return None
    return _money(options.price_amount + attempts * options.attempt_price_amount, options.price_currency)


def _money(amount: float, currency: str) -> Content:
    return {"amount": f"{amount:.4f}".rstrip("0").rstrip("."), "currency": currency}


def _present(values: Mapping[str, object]) -> Content:
    return {name: value for name, value in values.items() if value is not None}
