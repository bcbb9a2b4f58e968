"""Which queue a worker's consumer asks first, and how it reaches the broker."""

import ssl

import pytest
from celery import Celery

from celeryconfig import MOST_IN_A_ROW, QUEUES, Turns, configuration

OTHERS = [name for name in QUEUES if name not in ("operations", "interactive")]


def served(turns: Turns, waiting: set[str], count: int) -> list[str]:
    """What is served while these queues always hold messages."""
    found = []
    for _ in range(count):
        found.append(next(name for name in turns.consume(len(QUEUES)) if name in waiting))
        turns.rotate(found[-1])
    return found


def turns() -> Turns:
    return Turns(reversed(QUEUES))


def test_queues_behind_interactive_take_turns() -> None:
    order = served(turns(), set(OTHERS), 3 * len(OTHERS))
    assert {tuple(sorted(order[begin : begin + len(OTHERS)])) for begin in range(0, len(order), len(OTHERS))} == {
        tuple(sorted(OTHERS))
    }


def test_interactive_goes_first_with_a_bound() -> None:
    order = served(turns(), {"interactive", "default", "upkeep"}, 2 * (MOST_IN_A_ROW + 1))
    assert order[:MOST_IN_A_ROW] == ["interactive"] * MOST_IN_A_ROW
    assert {order[MOST_IN_A_ROW], order[-1]} == {"default", "upkeep"}
    assert served(turns(), {"interactive"}, 3 * MOST_IN_A_ROW) == ["interactive"] * 3 * MOST_IN_A_ROW


def test_what_operators_ask_for_goes_before_everything() -> None:
    order = turns()
    served(order, {"interactive"}, MOST_IN_A_ROW + 1)
    assert served(order, set(QUEUES), 2) == ["operations", "operations"]


@pytest.mark.parametrize("transport", [None, "worker.broker:PlatformTransport"])
@pytest.mark.parametrize(
    ("address", "verified"),
    [
        ("redis://127.0.0.1:6379/1", None),
        ("rediss://:secret@127.0.0.1:6379/1", ssl.CERT_NONE),
        ("rediss://:secret@127.0.0.1:6379/1?ssl_cert_reqs=required", ssl.CERT_REQUIRED),
    ],
)
def test_a_secure_broker_is_reached_encrypted_whatever_the_transport(
    transport: str | None, address: str, verified: ssl.VerifyMode | None
) -> None:
    app = Celery(set_as_current=False)
    app.config_from_object(configuration(address))
    app.conf.broker_transport = transport
    assert (app.connection_for_read().ssl or {}).get("ssl_cert_reqs") == verified
