"""What support does with the admin, and how long it may take."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.auth import get_user_model
from django.urls import NoReverseMatch, reverse

from benchmarks.admin_site.agents import Agent, links
from django_ding import phone
from django_ding.models import Authentication, PhoneNumber

#: Seconds.
PAGE = 0.3
STATISTICS = 1.0

Visit = Callable[[Agent], str]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Something to do, in one way or in many, of which the slowest counts. ``bound`` is in seconds."""

    name: str
    visits: dict[str, Visit]
    bound: float = PAGE


def cases(agent: Agent) -> Iterator[Case]:
    """Yield all there is to do, by what the pages offer and what is in the tables."""
    for page in (1, 2, 100):
        yield Case(name=f"list, page {page}", visits=_pages(_list(f"?p={page}")))
    yield from _filters(agent)
    yield Case(name="list, several filters", visits=_pages(*map(_list, _SEVERAL)))
    yield from _searches()
    yield Case(name="page of one", visits=_pages(*(_url("authentication_change", key) for key in _told())))
    yield Case(name="CSV, first part", visits={query: _begin(query) for query in ("", *_SEVERAL)})
    yield Case(name="other lists", visits=_pages(*map(_url, _OTHER_LISTS)))
    yield from _statistics()


_OTHER_LISTS = ("phonenumber_changelist", "block_changelist", "remembereddevice_changelist")

#: What is rare, long ago or nowhere.
_SEVERAL = (
    "?country=VU&status=failed",
    "?country=FR&channel=zalo",
    "?channel=zalo&purpose=handover",
    "?backend=legacy&status=validated",
    "?user=1&status=failed",
    "?date=2025&channel=zalo",
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
    """Yield a case for each filter with all it offers. A year leads to its months, and a month to its days."""
    for parameter, queries in _offered(agent, "").items():
        offered = dict.fromkeys(queries)
        for _ in range(2):
            smaller = _offered(agent, list(offered)[-1]).get(parameter, [])
            offered |= dict.fromkeys(smaller)
        yield Case(name=f"list, ?{parameter}=", visits=_pages(*map(_list, offered)))


def _offered(agent: Agent, query: str) -> dict[str, list[str]]:
    """Return what the list links to with a single parameter, by its name."""
    offered = defaultdict(list)
    for link in links(agent.get(_list(query))):
        names = [name for name, _ in parse_qsl(link[1:])]
        if len(names) == 1:
            offered[names[0]].append(link)
    return offered


def _searches() -> Iterator[Case]:
    busy, ordinary = _user(1), _user(get_user_model()._default_manager.count() // 2)
    row = Authentication.objects.get(pk=Authentication.objects.order_by("-pk")[0].pk // 2)
    typed = {
        "number": ["+33 6 99 99 99 99", *(_number(user) for user in (busy, ordinary))],
        "user": ["nobody", *(user.username for user in (busy, ordinary))],
        "email": [busy.email],
        "id": [str(row.public_id), row.authentication_uuid, "00000000-0000-4000-8000-000000000000"],
    }
    for what, texts in typed.items():
        yield Case(name=f"search by {what}", visits={text: _search(text) for text in texts})


def _search(typed: str) -> Visit:
    return lambda agent: agent.search(_url("authentication_search"), typed)


def _user(pk: int) -> Any:
    return get_user_model()._default_manager.get(pk=pk)


def _number(user: Any) -> str:
    """Return a user's number as it is typed abroad."""
    return phone.spaced(PhoneNumber._default_manager.get(user=user).phone_number)


def _told() -> list[int]:
    """Return an ordinary authentication, one of the busiest user, and one with a retry and a wrong code."""
    rows = Authentication.objects.order_by("-pk")
    told = [rows[100], rows.filter(user=1)[0], rows.filter(retry_count=1, check_count=2)[0]]
    return [authentication.pk for authentication in told]


def _statistics() -> Iterator[Case]:
    try:
        page = _url("rollup_changelist")
    except NoReverseMatch:
        return
    for days in (30, 365):
        yield Case(name=f"statistics, {days} days", visits=_pages(f"{page}?days={days}"), bound=STATISTICS)
