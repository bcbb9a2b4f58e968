"""A setting that is wrong for every mail fails no mail: they wait until it is mended."""

from collections.abc import Callable

import pytest

from tests.integration.services.support import Emulator, Platform
from worker.ledger.controls import retry
from worker.providers.resend.errors import refusal


def misplaced(platform: Platform) -> None:
    platform.resend_url = f"{platform.resend_url}/nowhere"
    platform.connect_provider()


def forbidden(platform: Platform) -> None:
    platform.connect_provider(key="wrong")


@pytest.mark.parametrize("spoil", [misplaced, forbidden])
def test_mails_wait_for_the_setting(platform: Platform, emulator: Emulator, spoil: Callable[[Platform], None]) -> None:
    right = platform.resend_url
    spoil(platform)
    run_id = platform.batch(3)
    failed = platform.step(run_id)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "provider.configuration")
    assert platform.states() == ["sending"] * 3
    platform.resend_url = right
    platform.connect_provider()
    platform.do(lambda connection: retry(connection, run_id, "user:5"))
    assert platform.step(run_id)["state"] == "succeeded"
    assert platform.states() == ["sent"] * 3
    assert len(emulator.mails()) == 3


def test_a_sender_that_is_refused_is_no_fault_of_the_mails() -> None:
    message = "Invalid `from` field. The email address needs to follow the `email@example.com` format."
    assert refusal(422, "validation_error", message, {}).code == "provider.configuration"
    assert refusal(422, "validation_error", "Invalid `to` field.", {}).code == "provider.refused"
