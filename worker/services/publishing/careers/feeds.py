"""A company's newest offers as RSS 2.0 and Atom (RFC 4287)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from worker.services.publishing.xml_text import legal

MOST_OFFERS = 50
ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Entry:
    """address: absolute. posted, changed: None where no calendar knows them."""

    title: str
    address: str
    summary: str
    posted: datetime | None
    changed: datetime | None


@dataclass(frozen=True, slots=True)
class Feed:
    """address: of the company's page; own: of the feed itself."""

    title: str
    company: str
    language: str
    address: str
    own: str
    entries: Sequence[Entry]

    @property
    def changed(self) -> datetime:
        """An empty feed has not changed since the beginning of time."""
        moments = [moment for each in self.entries for moment in (each.changed, each.posted) if moment]
        return max(moments, default=datetime.fromtimestamp(0, UTC))


def rss(feed: Feed) -> bytes:
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = ET.SubElement(root, "channel")
    for name, text in (("title", feed.title), ("link", feed.address), ("description", feed.title)):
        _add(channel, name, text)
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", format_datetime(feed.changed.astimezone(UTC), usegmt=True))
    ET.SubElement(channel, "atom:link", {"rel": "self", "type": "application/rss+xml", "href": feed.own})
    for each in feed.entries:
        item = ET.SubElement(channel, "item")
        for name, text in (("title", each.title), ("link", each.address), ("description", each.summary)):
            _add(item, name, text)
        _add(item, "guid", each.address, isPermaLink="true")
        if each.posted:
            _add(item, "pubDate", format_datetime(each.posted.astimezone(UTC), usegmt=True))
    return _written(root)


def atom(feed: Feed) -> bytes:
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    for name, text in (("title", feed.title), ("id", feed.address), ("updated", _iso(feed.changed))):
        _add(root, name, text)
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.own})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.address})
    author = ET.SubElement(root, "author")
    _add(author, "name", feed.company)
    for each in feed.entries:
        _add_entry(root, each, feed)
    return _written(root)


def _add_entry(root: ET.Element, entry: Entry, feed: Feed) -> None:
    made = ET.SubElement(root, "entry")
    changed = entry.changed or entry.posted or feed.changed
    for name, text in (("title", entry.title), ("id", entry.address), ("updated", _iso(changed))):
        _add(made, name, text)
    if entry.posted:
        _add(made, "published", _iso(entry.posted))
    ET.SubElement(made, "link", {"rel": "alternate", "type": "text/html", "href": entry.address})
    _add(made, "summary", entry.summary)


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = legal(text)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _written(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
