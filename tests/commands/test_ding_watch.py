import json

import pytest

from tests.flows.test_watch import ORANGE, sent, week

__all__ = ["sent", "week"]

pytestmark = pytest.mark.django_db


def test_nothing_is_lower_than_usual(command, week, sent):
    sent(40, delivered=36, verified=24)
    ended = command("ding_watch")
    assert (ended.code, ended.out) == (0, "Nothing is lower than usual among 40 codes of the last hour.\n")


def test_drops_are_sentences_and_an_exit_code(command, week, sent):
    sent(200, delivered=180, verified=120, carrier="20820")
    sent(240, delivered=29, verified=144)
    ended = command("ding_watch", "--min-drop=50%")
    assert (ended.code, ended.out.splitlines()) == (
        1,
        ["Delivery of carrier 208-01 (France): 12\u202f% of 240 codes in the last hour, usually 90\u202f%."],
    )


def test_all_codes_and_a_backend_have_names(command, week, sent):
    sent(40, verified=24)
    assert [line.partition(":")[0] for line in command("ding_watch").out.splitlines()] == [
        "Delivery of all codes",
        "Delivery of backend default",
        "Delivery of country France",
        "Delivery of carrier 208-01 (France)",
    ]


def test_json(command, week, sent):
    sent(40, delivered=36, verified=4, carrier="20899", country="", backend="other")
    assert json.loads(command("ding_watch", "--json").out) == {
        "codes": 40,
        "usual_days": 7,
        "drops": [{"measure": "conversion", "field": "", "value": "", "codes": 40, "share": 0.1, "usual": 0.6}],
    }


def test_without_statistics_there_is_nothing_to_compare_with(command, sent):
    sent(40)
    ended = command("ding_watch")
    assert ended.code == 3
    assert ended.err.endswith("Run ding_rollup first. (no_statistics)")


def test_dry_run_logs_nothing(command, week, sent, caplog):
    sent(40)
    assert command("ding_watch", "--dry-run").code == 1
    assert caplog.messages == []


@pytest.mark.parametrize("given", ["0", "101", "a lot", "0.2"])
def test_percentage(command, given):
    ended = command("ding_watch", f"--min-drop={given}")
    assert (ended.code, ORANGE in ended.out) == (1, False)
    assert "is not a percentage of 1% to 100%." in ended.err
