"""A project whose views lost the mark that exempts them from ATOMIC_REQUESTS, each in another way."""

from functools import partial, wraps

from django.urls import include, path, re_path
from django.views import View
from rest_framework.views import APIView

from django_ding.api import views
from django_ding.transactions import NonAtomicView


def opaque(view):
    def inner(request, *args, **kwargs):
        return view(request, *args, **kwargs)

    return inner


def transparent(view):
    return wraps(view)(opaque(view))


class Careless(views.CheckView):
    @classmethod
    def as_view(cls, **initkwargs):
        return super(NonAtomicView, cls).as_view(**initkwargs)


class OwnView(NonAtomicView, View):
    """A counting view of another kind: not of REST framework's."""


class Uninvolved(APIView):
    pass


inner = [
    path("careless/", Careless.as_view()),
    path("own/", opaque(OwnView.as_view())),
    path("fine/", OwnView.as_view()),
]

urlpatterns = [
    path("opaque/", opaque(views.CheckView.as_view())),
    path("twice/", opaque(opaque(views.RetryView.as_view()))),
    path("partial/", partial(opaque(views.SendView.as_view()))),
    path("transparent/", transparent(views.CheckView.as_view())),
    path("uninvolved/", opaque(Uninvolved.as_view())),
    re_path("^(?P<language>..)/", include([path("inner/", include((inner, "inner")))])),
]
