"""`python -m benchmarks feeds`: a job board fetches a company's whole feed through the real API.

Half of `--offers` (50,000 by default) are on the board; the others lie beside them. Each shape is fetched as it is and
squeezed, and once more with the tag of what the board has. Memory is the proportional set size of the API's process
that serves it, the highest of those seen while a feed is sent; every piece is read by a parser.
"""

import threading
import time
import zlib
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from xml.parsers import expat

import psycopg
import requests
from cryptography.fernet import Fernet

from benchmarks import alert_market
from benchmarks.measure import cost_of, median, process_times, proportional_memory, tree
from benchmarks.preview import OFFERS, POSTED_EVERY
from benchmarks.report import Report
from benchmarks.stack import Stack
from models.enums import IntegrationProvider
from worker.kit.settings import Settings
from worker.services.integrations import board_feeds
from worker.services.integrations.vault import TokenVault

LAYOUTS = ("indeed", "careerjet")
BOARD = IntegrationProvider.JOBBERMAN
POSTINGS = """
insert into job_postings (job_id, channel, state, is_active)
select id, 'JOBBERMAN', 'exported', true from jobs where id %% 2 = 0 returning id
"""
UNCHANGED = 20
LOOK_EVERY = 0.25
MEGABYTE = 1_000_000
MOST_MEMORY, MOST_PER_OFFER, MOST_UNCHANGED = 150.0, 1.5, 200.0


class Jobs:
    """Counts the offers of a document that comes in pieces; raises ExpatError where it is none."""

    def __init__(self) -> None:
        self.count = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begin

    def feed(self, piece: bytes) -> None:
        self._parser.Parse(piece)

    def close(self) -> None:
        self._parser.Parse(b"", True)  # noqa: FBT003 - expat takes it by its place only

    def _begin(self, name: str, _attributes: object) -> None:
        self.count += name == "job"


class Memory:
    """The proportional set size of the largest process of a tree, in bytes: the highest that was seen."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.highest = 0

    def look(self) -> int:
        now = max(proportional_memory(pid) for pid in tree(self.root, process_times()))
        self.highest = max(self.highest, now)
        return now

    @contextmanager
    def watched(self) -> Iterator[None]:
        done = threading.Event()

        def loop() -> None:
            while not done.wait(LOOK_EVERY):
                self.look()

        thread = threading.Thread(target=loop)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def run(options: Namespace) -> Report:
    """options: offers, repetitions."""
    count = options.offers // 2
    report = Report("feeds", {"offers in the feed": count, "offers in the table": options.offers})
    with Stack() as stack:
        address = _open(stack, options.offers)
        root = stack.roots("api")["api"]
        memory = Memory(root)
        report.figure("memory before", memory.look() / MEGABYTE, "MB PSS")
        for layout in LAYOUTS:
            for encoding in ("identity", "gzip"):
                _fetch_whole(report, stack, memory, f"{address}/{layout}.xml", encoding, count)
        _fetch_unchanged(report, f"{address}/indeed.xml", UNCHANGED)
    report.figure("memory while feeds are sent", memory.highest / MEGABYTE, "MB PSS")
    report.at_most("memory while a feed is sent", memory.highest / MEGABYTE, MOST_MEMORY, "MB PSS")
    return report


def _open(stack: Stack, offers: int) -> str:
    """Offers, postings and an API; the address of the feed without its file's name."""
    stack.rows(alert_market.FIRM)
    first = datetime.now(UTC) - offers * POSTED_EVERY
    with psycopg.connect(stack.database_url) as connection, connection.cursor().copy(OFFERS.encode()) as copy:
        for number, row in enumerate(alert_market.offers(offers)):
            copy.write_row((1, 1, "published", first + number * POSTED_EVERY, *row))
    stack.rows(POSTINGS)
    stack.maintain("vacuum (analyze)")
    keys = Fernet.generate_key().decode()
    vault = TokenVault(Settings(database_url=stack.database_url, token_encryption_keys=keys))
    with stack.database.transaction() as ours:
        board_feeds.renew(ours, vault, 1, 1, BOARD, "user:1")
        feed = board_feeds.find(ours, vault, 1, BOARD)
    stack.start_api(environment={"TOKEN_ENCRYPTION_KEYS": keys})
    if feed is None:
        raise RuntimeError("the feed that was just made is not there")
    return f"http://127.0.0.1:{stack.api_port}/feeds/{feed.token}"


def _fetch_whole(report: Report, stack: Stack, memory: Memory, url: str, encoding: str, count: int) -> None:
    jobs = Jobs()
    sizes: list[int] = []

    def fetch() -> None:
        with requests.get(url, headers={"Accept-Encoding": encoding}, stream=True, timeout=600) as answer:
            answer.raise_for_status()
            unpack = zlib.decompressobj(31) if "Content-Encoding" in answer.headers else None
            while piece := answer.raw.read(65_536, decode_content=False):
                sizes.append(len(piece))
                jobs.feed(unpack.decompress(piece) if unpack else piece)
        jobs.close()

    with memory.watched():
        cost = cost_of(count, stack.roots("api"), fetch)
    if jobs.count != count:
        raise RuntimeError(f"{url.rpartition('/')[2]} told {jobs.count} offers of {count}")
    name = f"{url.rpartition('/')[2]}, {encoding}"
    details = {"by process": cost.by_process(), "MB sent": round(sum(sizes) / MEGABYTE, 1)}
    report.figure(f"{name}: per offer", cost.milliseconds, "CPU ms", details)
    report.figure(f"{name}: offers sent", cost.rate, "per second")
    report.at_most(f"{name}: CPU per offer", cost.milliseconds, MOST_PER_OFFER, "ms")


def _fetch_unchanged(report: Report, url: str, times: int) -> None:
    with requests.get(url, stream=True, timeout=60) as answer:
        tag = answer.headers["ETag"]
    took = []
    for _ in range(times):
        began = time.perf_counter()
        status = requests.get(url, headers={"If-None-Match": tag}, timeout=60).status_code
        took.append((time.perf_counter() - began) * 1000)
        if status != 304:
            raise RuntimeError(f"an unchanged feed was answered {status}")
    report.figure("unchanged: p50", median(took), "ms")
    report.at_most("unchanged, p50", median(took), MOST_UNCHANGED, "ms")
