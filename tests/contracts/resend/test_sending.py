"""What is sent and what comes back when Resend is well."""

import base64
import hashlib
import json

import pytest

from tests.contracts.resend.conftest import SHORT, MakeSender, Sender, mail
from tests.factories.emulators import ResendEmulator
from worker.contracts.email import Attachment
from worker.kit.errors import Doubtful, Misconfigured, NotSent, Refused, Retryable, UnknownOutcome


def test_a_batch_answers_one_id_per_mail_in_order(emulator: ResendEmulator, sender: Sender) -> None:
    receipt = sender.send(*(mail(number) for number in range(100)))
    assert len(receipt.ids) == 100
    received = {message["id"]: message["tags"]["message"] for message in emulator.mails()[::-1]}
    assert [received[identifier] for identifier in receipt.ids] == [str(number) for number in range(100)]


def test_the_mail_arrives_as_it_was_written(emulator: ResendEmulator, sender: Sender) -> None:
    (identifier,) = sender.send(mail()).ids
    stored = emulator.get(f"resend/messages/{identifier}")["mail"]
    assert stored == {
        "from": "IntoWork <noreply@intowork.com>",
        "to": ["Awa Ndong <awa.1@example.org>"],
        "subject": "Votre candidature — Développeur",
        "html": "<p>Bonjour Awa, ça va ?</p>",
        "text": "Bonjour Awa, ça va ?",
        "reply_to": "recruteur@example.org",
        "headers": {"List-Unsubscribe": "<https://platform.example.org/u/abc>"},
        "tags": [{"name": "generation", "value": "0"}, {"name": "message", "value": "1"}],
    }


def test_the_frozen_bytes_are_the_bytes_on_the_wire(emulator: ResendEmulator, sender: Sender) -> None:
    frozen = json.dumps([{"to": ["a@example.org"], "from": "b@example.org", "subject": "é", "text": "x"}]).encode()
    sender.send_frozen(b" " + frozen + b"\n")
    (request,) = emulator.journal()
    assert request["sha256"] == hashlib.sha256(b" " + frozen + b"\n").hexdigest()
    assert request["path"] == "/resend/emails/batch"
    assert request["key"] == "email/1/0"
    assert request["user_agent"].startswith("resend-python:")


def test_the_same_bytes_under_the_same_key_get_the_first_answer(emulator: ResendEmulator, sender: Sender) -> None:
    frozen = sender.provider.freeze([mail(1), mail(2)])
    first = sender.send_frozen(frozen)
    assert sender.send_frozen(frozen) == first
    assert len(emulator.mails()[::-1]) == 2
    assert [entry["note"] for entry in emulator.journal()] == ["", "replayed"]


def test_other_bytes_under_the_same_key_are_a_conflict(emulator: ResendEmulator, sender: Sender) -> None:
    sender.send(mail(1))
    with pytest.raises(Doubtful) as caught:
        sender.send(mail(2))
    assert caught.value.code == "provider.key_conflict"
    assert len(emulator.mails()[::-1]) == 1


def test_another_key_sends_again(emulator: ResendEmulator, sender: Sender) -> None:
    first = sender.send(mail(1), key="email/1/0")
    assert sender.send(mail(1), key="email/1/1") != first
    assert emulator.get("resend/counts")["duplicates"] == 1


def test_a_request_still_running_is_repeated_later(emulator: ResendEmulator, make_sender: MakeSender) -> None:
    emulator.faults(slow_seconds=5.0)
    hasty = make_sender(limits=SHORT)
    with pytest.raises(UnknownOutcome):
        hasty.send()
    with pytest.raises(Retryable) as caught:
        make_sender().send()
    assert caught.value.code == "provider.busy"


def test_each_client_sends_its_own_key(emulator: ResendEmulator, make_sender: MakeSender) -> None:
    good = make_sender()
    bad = make_sender(api_key="re_invalid")
    with pytest.raises(Misconfigured):
        bad.send()
    assert len(good.send().ids) == 1


def test_a_mail_with_an_attachment_goes_alone_and_arrives_whole(emulator: ResendEmulator, sender: Sender) -> None:
    file = Attachment("entretien.ics", "text/calendar; method=REQUEST; charset=utf-8", b"BEGIN:VCALENDAR\r\n\xc3\xa9")
    frozen = sender.provider.freeze([mail(attachments=(file,))])
    (identifier,) = sender.send_frozen(frozen).ids
    assert sender.send_frozen(frozen).ids == (identifier,)
    assert {entry["path"] for entry in emulator.journal()} == {"/resend/emails"}
    assert [entry["note"] for entry in emulator.journal()] == ["", "replayed"]
    stored = emulator.get(f"resend/messages/{identifier}")["mail"]
    assert (stored["to"], stored["subject"]) == (["Awa Ndong <awa.1@example.org>"], "Votre candidature — Développeur")
    [attached] = stored["attachments"]
    assert (attached["filename"], attached["content_type"]) == (file.filename, file.content_type)
    assert base64.b64decode(attached["content"]) == file.content
    with pytest.raises(ValueError, match="goes alone"):
        sender.provider.freeze([mail(1, attachments=(file,)), mail(2)])


@pytest.mark.parametrize("fault", ["short_answer", "drop_after_recording", "html_200", "empty_200"])
def test_an_attachments_mail_in_doubt_is_repeated_under_its_key(
    emulator: ResendEmulator, sender: Sender, fault: str
) -> None:
    frozen = sender.provider.freeze([mail(attachments=(Attachment("a.ics", "text/calendar", b"x"),))])
    emulator.faults(**{fault: 1.0})
    with pytest.raises(UnknownOutcome):
        sender.send_frozen(frozen)
    emulator.faults(**{fault: 0.0})
    assert len(sender.send_frozen(frozen).ids) == len(emulator.mails()) == 1


def test_a_refused_attachment_is_a_fault_of_the_mail(sender: Sender) -> None:
    with pytest.raises(Refused):
        sender.send(mail(attachments=(Attachment("a.ics", "text/calendar", b""),)))


def test_a_batch_loses_attachments_without_a_word(emulator: ResendEmulator, sender: Sender) -> None:
    loaded = json.loads(sender.provider.freeze([mail(attachments=(Attachment("a.ics", "text/calendar", b"x"),))]))
    (identifier,) = sender.send_frozen(json.dumps([loaded]).encode()).ids
    assert "attachments" not in emulator.get(f"resend/messages/{identifier}")["mail"]


@pytest.mark.parametrize("name", ["", "a b.ics", "a\r\nX: y", 'a".ics', "é.ics"])
def test_a_name_that_could_become_a_header_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Attachment(name, "text/calendar", b"x")


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_holds_one_to_a_hundred_mails(sender: Sender, count: int) -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        sender.provider.freeze([mail(number) for number in range(count)])


@pytest.mark.parametrize("key", ["", "a" * 257, "a\nb", "é", "a b"])
def test_a_bad_key_never_leaves(emulator: ResendEmulator, sender: Sender, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        sender.send(key=key)
    assert emulator.journal() == []


def test_after_the_deadline_nothing_is_sent(emulator: ResendEmulator, sender: Sender) -> None:
    with pytest.raises(NotSent):
        sender.send(seconds=-0.001)
    assert emulator.journal() == []
    assert len(sender.send().ids) == 1
