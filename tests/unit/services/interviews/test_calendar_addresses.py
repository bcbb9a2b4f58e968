"""The addresses say the interview's instants, and every character of its texts survives."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from worker.services.interviews.calendar_addresses import Entry, addresses

PARIS = ZoneInfo("Europe/Paris")
ENTRY = Entry(
    "R&D + café",
    datetime(2027, 7, 9, 14, tzinfo=PARIS),
    datetime(2027, 7, 9, 15, tzinfo=PARIS),
    "Tour A",
    "https://teams.microsoft.com/meet/123?p=abc\nLigne 2",
)


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_each_calendar_gets_the_interview_in_its_own_words() -> None:
    found = addresses(ENTRY)
    assert list(found) == ["Google Agenda", "Outlook.com", "Microsoft 365"]
    google, *outlook = (query(address) for address in found.values())
    assert (google["text"], google["dates"]) == ("R&D + café", "20270709T120000Z/20270709T130000Z")
    assert google["details"] == ENTRY.details
    for each in outlook:
        assert (each["startdt"], each["enddt"]) == ("2027-07-09T12:00:00Z", "2027-07-09T13:00:00Z")
        assert (each["subject"], each["body"]) == ("R&D + café", ENTRY.details)


def test_long_texts_are_cut() -> None:
    entry = Entry("x" * 5000, ENTRY.start, ENTRY.end, "y" * 5000, "z" * 5000)
    assert all(len(address) < 4000 for address in addresses(entry).values())
