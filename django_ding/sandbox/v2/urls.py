"""The paths of version 2."""

from django.urls import path, re_path

from ..views import by_method
from . import history, management, verification, watch
from .views import NotFoundView

_numbers = "verification/management/phone-numbers"

urlpatterns = [
    path("verification", by_method(POST=verification.CreateView)),
    path("verification/check", by_method(POST=verification.CheckView)),
    path("verification/phone/history", by_method(GET=history.ListView)),
    path("verification/phone/history/<str:id>", by_method(GET=history.RetrieveView)),
    path(
        f"{_numbers}/sandbox",
        by_method(GET=management.SandboxNumbersView, PUT=management.AddSandboxNumberView),
    ),
    path(f"{_numbers}/sandbox/<path:phone_number>", by_method(DELETE=management.RemoveSandboxNumberView)),
    path(
        f"{_numbers}/<str:action>",
        by_method(GET=management.ListedNumbersView, POST=management.ListNumberView, DELETE=management.UnlistNumberView),
    ),
    path(
        "verification/management/sender-id",
        by_method(GET=management.SenderIdsView, POST=management.AddSenderIdView),
    ),
    # Anything may follow, including a slash: the view rejects what isn't a number.
    path("lookup/<path:phone_number>", by_method(GET=verification.LookupView)),
    path("watch/predict", by_method(POST=watch.PredictView)),
    path("watch/event", by_method(POST=watch.EventView)),
    path("watch/feedback", by_method(POST=watch.FeedbackView)),
    path("silent/<str:token>", by_method(GET=verification.SilentView), name="silent"),
    re_path("", NotFoundView.as_view()),
]
