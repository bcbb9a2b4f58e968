"""Every answer that Resend documents, and what the platform makes of it."""

from typing import Any

import pytest

from tests.contracts.resend.conftest import MakeSender, Sender, mail
from tests.factories.emulators import ResendEmulator
from worker.kit.errors import Doubtful, Misconfigured, RateLimited, Refused, Retryable, RunError, UnknownOutcome

ANSWERS: list[tuple[int, str, type[RunError], str]] = [
    (400, "validation_error", Misconfigured, "provider.configuration"),
    (400, "invalid_idempotency_key", Misconfigured, "provider.configuration"),
    (401, "missing_api_key", Misconfigured, "provider.configuration"),
    (401, "restricted_api_key", Misconfigured, "provider.configuration"),
    (403, "invalid_api_key", Misconfigured, "provider.configuration"),
    (403, "suspended_api_key", Misconfigured, "provider.configuration"),
    (403, "invalid_permission", Misconfigured, "provider.configuration"),
    (403, "email_above_quota", Misconfigured, "provider.configuration"),
    (403, "validation_error", Misconfigured, "provider.configuration"),
    (404, "not_found", Misconfigured, "provider.configuration"),
    (405, "method_not_allowed", Misconfigured, "provider.configuration"),
    (409, "invalid_idempotent_request", Doubtful, "provider.key_conflict"),
    (409, "concurrent_idempotent_requests", Retryable, "provider.busy"),
    (409, "resource_locked", Retryable, "provider.busy"),
    (422, "validation_error", Refused, "provider.refused"),
    (422, "missing_required_field", Refused, "provider.refused"),
    (422, "missing_required_parameter", Refused, "provider.refused"),
    (422, "invalid_attachment", Refused, "provider.refused"),
    (422, "invalid_parameter", Refused, "provider.refused"),
    (422, "invalid_from_address", Misconfigured, "provider.configuration"),
    (429, "rate_limit_exceeded", RateLimited, "provider.rate_limited"),
    (429, "daily_quota_exceeded", RateLimited, "provider.daily_quota"),
    (429, "monthly_quota_exceeded", RateLimited, "provider.monthly_quota"),
    (451, "security_error", Misconfigured, "provider.configuration"),
    (500, "application_error", UnknownOutcome, "provider.unknown_outcome"),
    (500, "internal_server_error", UnknownOutcome, "provider.unknown_outcome"),
    (503, "service_unavailable", UnknownOutcome, "provider.unknown_outcome"),
    (418, "something_new", UnknownOutcome, "provider.unknown_outcome"),
]


@pytest.mark.parametrize(("status", "name", "kind", "code"), ANSWERS)
def test_every_documented_answer_has_its_class(
    emulator: ResendEmulator, sender: Sender, status: int, name: str, kind: type[RunError], code: str
) -> None:
    emulator.faults(answer={"status": status, "name": name, "message": "Explained."})
    with pytest.raises(RunError) as caught:
        sender.send()
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert emulator.mails()[::-1] == []


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ({"share": 1, "header": "retry-after", "seconds": 7}, 7.0),
        ({"share": 1, "header": "ratelimit-reset", "seconds": 4}, 4.0),
        ({"share": 1, "header": "none"}, 1.0),
        ({"share": 1, "header": "retry-after", "seconds": 999999}, 3600.0),
    ],
)
def test_a_rate_limit_says_how_long_to_wait(
    emulator: ResendEmulator, sender: Sender, rule: dict[str, Any], after: float
) -> None:
    emulator.faults(rate_limit=rule)
    for _ in range(3):  # the header's case differs from answer to answer
        with pytest.raises(RateLimited) as caught:
            sender.send()
        assert caught.value.after == after
    emulator.faults()
    assert len(sender.send().ids) == 1


def test_a_true_rate_limit_lets_the_allowed_requests_pass(emulator: ResendEmulator, sender: Sender) -> None:
    emulator.faults(rate_limit={"per_second": 0.01})
    sender.send(mail(1), key="email/1/0")
    for number in (2, 3):
        with pytest.raises(RateLimited) as caught:
            sender.send(mail(number), key=f"email/{number}/0")
        assert 60 < caught.value.after <= 100
    assert len(emulator.mails()[::-1]) == 1


@pytest.mark.parametrize(
    ("quota", "code", "after"),
    [("daily_quota", "provider.daily_quota", 3600.0), ("monthly_quota", "provider.monthly_quota", 6 * 3600.0)],
)
def test_a_used_up_quota_takes_nothing(
    emulator: ResendEmulator, sender: Sender, quota: str, code: str, after: float
) -> None:
    emulator.faults(**{quota: 3})
    sender.send(mail(1), mail(2), key="email/1/0")
    with pytest.raises(RateLimited) as caught:
        sender.send(mail(3), mail(4), key="email/2/0")
    assert (caught.value.code, caught.value.after) == (code, after)
    assert len(emulator.mails()[::-1]) == 2


@pytest.mark.parametrize("api_key", ["re_invalid", "re_unknown", "re_suspended", "sk_other"])
def test_a_bad_api_key_is_a_matter_of_configuration(
    emulator: ResendEmulator, make_sender: MakeSender, api_key: str
) -> None:
    with pytest.raises(Misconfigured, match="RESEND_API_KEY") as caught:
        make_sender(api_key=api_key).send()
    assert caught.value.code == "provider.configuration"
    assert emulator.mails()[::-1] == []


def test_a_key_that_may_only_send_sends(emulator: ResendEmulator, make_sender: MakeSender) -> None:
    assert len(make_sender(api_key="re_restricted").send().ids) == 1


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "API key is invalid"),
        (400, "The request body is not valid JSON."),
        (422, "Your account is not allowed to send to more than 100 recipients"),
        (422, "The example.com domain is not verified"),
        (422, "emails[0]: The domain of `from` is unknown"),
        (422, "This feature is not part of your plan"),
        (413, "Your plan allows 1 MB"),
    ],
)
def test_what_speaks_of_us_is_no_fault_of_a_mail(
    emulator: ResendEmulator, sender: Sender, status: int, message: str
) -> None:
    emulator.faults(answer={"status": status, "name": "validation_error", "message": message})
    with pytest.raises(Misconfigured, match="RESEND_API_KEY") as caught:
        sender.send()
    assert caught.value.gate == "provider:resend"


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Invalid `to` field. The domain does not exist."),
        (400, "emails[3]: something is wrong"),
        (422, "emails[0]: invalid value \0 in subject"),
        (422, ["emails[0]: to must be an address", "emails[0]: subject too long"]),
        (422, None),
        (422, {"to": "is wrong"}),
        (422, "half a \ud83d character"),
        (413, "Payload too large"),
    ],
)
def test_only_what_names_the_content_refuses_the_content(
    emulator: ResendEmulator, sender: Sender, status: int, message: Any
) -> None:
    emulator.faults(answer={"status": status, "name": "validation_error", "message": message})
    with pytest.raises(Refused) as caught:
        sender.send()
    assert "\0" not in str(caught.value)
    assert str(caught.value).encode()


def test_a_name_that_is_no_text_is_read_by_its_status(emulator: ResendEmulator, sender: Sender) -> None:
    for status, kind in ((403, Misconfigured), (422, Refused)):
        emulator.faults(answer={"status": status, "name": ["validation_error"], "message": "no"})
        with pytest.raises(kind):
            sender.send()


def test_an_unverified_domain_is_a_matter_of_configuration(sender: Sender) -> None:
    with pytest.raises(Misconfigured, match=r"unverified\.example domain is not verified") as caught:
        sender.send(mail(1), mail(2, sender="Someone <noreply@unverified.example>"))
    assert caught.value.code == "provider.configuration"


def test_one_bad_mail_refuses_the_batch_and_is_named(emulator: ResendEmulator, sender: Sender) -> None:
    mails = [mail(number) for number in range(5)]
    mails[3] = mail(3, recipient="awa.example.org")
    with pytest.raises(Refused) as caught:
        sender.send(*mails)
    assert caught.value.details == {"positions": [3]}
    assert emulator.mails()[::-1] == []
    del mails[3]
    assert len(sender.send(*mails, key="email/1/1").ids) == 4


def test_a_refusal_may_name_no_mail(emulator: ResendEmulator, sender: Sender) -> None:
    emulator.faults(nameless_refusals=True)
    with pytest.raises(Refused) as caught:
        sender.send(mail(1), mail(2, recipient="nobody"))
    assert caught.value.details == {}


@pytest.mark.parametrize(
    ("message", "details"),
    [
        ("emails[3].to is invalid", {"positions": [3]}),
        ("email[12]: no", {"positions": [12]}),
        ("The email at index 7 is invalid", {"positions": [7]}),
        ("Problems at index: 2 and emails[0].from", {"positions": [0, 2]}),
        ("Only 100 emails are allowed", {}),
    ],
)
def test_positions_are_read_from_the_message(
    emulator: ResendEmulator, sender: Sender, message: str, details: dict[str, Any]
) -> None:
    emulator.faults(answer={"status": 422, "name": "validation_error", "message": message})
    with pytest.raises(Refused) as caught:
        sender.send()
    assert caught.value.details == details


def test_no_address_and_no_key_reaches_the_error(emulator: ResendEmulator, make_sender: MakeSender) -> None:
    emulator.faults(
        answer={"status": 422, "name": "validation_error", "message": "Bad `to`: Awa <awa@example.org>," + "x" * 999}
    )
    with pytest.raises(Refused) as caught:
        make_sender(api_key="re_secret_value").send()
    assert "awa@example.org" not in str(caught.value)
    assert "re_secret_value" not in str(caught.value)
    assert len(str(caught.value)) < 400
