"""What support does in the admin, and how long it may take."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.auth import get_user_model
from django.urls import reverse

from benchmarks.admin_site.agents import Agent, links
from django_ding import phone
from django_ding.models import Authentication, PhoneNumber

#: Seconds.
PAGE = 0.3
STATISTICS = 1.0

Visit = Callable[[Agent], str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A task with one or several ways to do it, of which the slowest counts. ``bound`` is in seconds."""

    name: str
    visits: dict[str, Visit]
    bound: float = PAGE


def cases(agent: Agent) -> Iterator[Case]:
    """Yield all cases, from what the pages link to and what the tables have."""
    for page in (1, 2, 100):
        yield Case(name=f"list, page {page}", visits=_pages(_list(f"?p={page}")))
    yield from _filters(agent)
    yield Case(name="list, several filters", visits=_pages(*map(_list, _SEVERAL)))
    yield from _searches()
    yield Case(name="page of one", visits=_pages(*(_url("authentication_change", key) for key in _details())))
    yield Case(name="page of a number", visits=_pages(*_number_pages()))
    yield Case(name="page of a user", visits=_pages(*(reverse("admin:auth_user_change", args=[pk]) for pk in _users())))
    yield Case(name="CSV, first part", visits={query: _begin(query) for query in ("", *_SEVERAL)})
    yield Case(name="other lists", visits=_pages(*map(_url, _OTHER_LISTS)))
    yield from _statistics()


_OTHER_LISTS = (
    *("phonenumber_changelist", "refusal_changelist", "block_changelist", "lockout_changelist"),
    *("recoverycode_changelist", "remembereddevice_changelist"),
)

#: Filters whose rows are rare, old or missing.
_SEVERAL = (
    "?country=VU&status=failed",
    "?country=FR&channel=zalo",
    "?channel=zalo&purpose=handover",
    "?backend=legacy&status=validated",
    "?user=1&status=failed",
    "?created_at__gte=2025-01-01&created_at__lt=2026-01-01&channel=zalo",
)


def _url(name: str, *arguments: object) -> str:
    return reverse(f"admin:django_ding_{name}", args=arguments)


def _list(query: str = "") -> str:
    return f"{_url('authentication_changelist')}{query}"


def _pages(*paths: str) -> dict[str, Visit]:
    return {path: lambda agent, path=path: agent.get(path) for path in paths}


def _begin(query: str) -> Visit:
    return lambda agent: agent.begin(f"{_url('authentication_export')}{query}")


def _filters(agent: Agent) -> Iterator[Case]:
    """Yield a case for each filter with all its links. A year leads to its months, and a month to its days."""
    for parameter, queries in _offered(agent, "").items():
        offered = dict.fromkeys(queries)
        for _ in range(2):
            smaller = _offered(agent, list(offered)[-1]).get(parameter, [])
            offered |= dict.fromkeys(smaller)
        yield Case(name=f"list, ?{parameter}=", visits=_pages(*map(_list, offered)))


def _offered(agent: Agent, query: str) -> dict[str, list[str]]:
    """Return what the list links to with a single filter, by its field."""
    offered = defaultdict(list)
    for link in links(agent.get(_list(query))):
        # Django's date filter takes two parameters of one field.
        fields = {name.partition("__")[0] for name, _ in parse_qsl(link[1:])}
        if len(fields) == 1:
            offered[fields.pop()].append(link)
    return offered


def _searches() -> Iterator[Case]:
    busy, ordinary = map(_user, _users())
    row = Authentication.objects.get(pk=Authentication.objects.order_by("-pk")[0].pk // 2)
    typed = {
        "number": ["+33 6 99 99 99 99", *(_number(user) for user in (busy, ordinary))],
        "user": ["unknown", *(user.username for user in (busy, ordinary))],
        "email": [busy.email],
        "id": [str(row.public_id), row.authentication_uuid, "00000000-0000-4000-8000-000000000000"],
    }
    for what, texts in typed.items():
        yield Case(name=f"search by {what}", visits={text: _search(text) for text in texts})


def _search(typed: str) -> Visit:
    return lambda agent: agent.search(_url("authentication_search"), typed)


def _user(pk: int) -> Any:
    return get_user_model()._default_manager.get(pk=pk)


def _users() -> tuple[int, int]:
    """Return the keys of the user with the most verifications, and of an ordinary one."""
    return 1, get_user_model()._default_manager.count() // 2


def _number_pages() -> list[str]:
    keys = PhoneNumber._default_manager.filter(user__in=_users()).values_list("pk", flat=True)
    return [_url("phonenumber_change", pk) for pk in keys]


def _number(user: Any) -> str:
    """Return a user's number in international format."""
    return phone.spaced(PhoneNumber._default_manager.get(user=user).phone_number)


def _details() -> list[int]:
    """Return the keys of an ordinary row, one of the busiest user, and one with a retry and a wrong code."""
    rows = Authentication.objects.order_by("-pk")
    chosen = [rows[100], rows.filter(user=1)[0], rows.filter(retry_count=1, check_count=2)[0]]
    return [authentication.pk for authentication in chosen]


def _statistics() -> Iterator[Case]:
    page = _url("dailystatistics_changelist")
    for days in (30, 90, 365):
        yield Case(name=f"statistics, {days} days", visits=_pages(f"{page}?days={days}"), bound=STATISTICS)
