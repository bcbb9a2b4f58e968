"""Fetches CVs: from the folder of uploads, or from the hosts that operators named, and from nowhere else."""

import time
from urllib.parse import urlsplit

import requests

from worker.contracts.cv_files import LARGEST, MISSING, NOT_ALLOWED, TOO_LARGE, UNAVAILABLE, CvFile
from worker.kit.candidate_settings import listed_hosts
from worker.kit.errors import Refused, Retryable, UnknownOutcome
from worker.kit.http import CallLimits, build_session
from worker.kit.public_addresses import BadUrl, NotPublic, Outside, Resolve, listed_ports, resolved
from worker.providers.cv_files.uploads import Uploads

# One byte more than is taken, to see that there is more; what is cut needs no time to arrive.
LIMITS = CallLimits(connect=5.0, read=10.0, total=20.0, body=LARGEST + 1, cut=True)
LONGEST_VERSION = 200
GONE = frozenset({404, 410})
LATER = frozenset({408, 425, 429})


class StoredCvs:
    """A `CvFiles`. uploads: a folder, or empty. hosts, ports: those that CVs may lie at, separated by commas. local:
    hosts may be on this machine and speak http.
    """

    def __init__(
        self,
        *,
        uploads: str,
        hosts: str,
        ports: str,
        local: bool = False,
        limits: CallLimits = LIMITS,
        resolve: Resolve = resolved,
    ) -> None:
        self._uploads = Uploads(uploads)
        self._hosts = listed_hosts(hosts)
        self._outside = Outside(listed_ports(ports), local, resolve)
        self._seconds = limits.total
        self._session = build_session(limits, addresses=self._outside.addresses)

    def close(self) -> None:
        self._session.close()

    def fetch(self, place: str, *, known: str | None = None) -> CvFile | None:
        if "://" not in place:
            return self._uploads.fetch(place, known=known)
        self._check(place)
        headers = {"Accept-Encoding": "identity"} | ({"If-None-Match": known} if known else {})
        began = time.monotonic()
        try:
            response = self._session.get(place, headers=headers)
        except NotPublic:
            raise Refused("The host of the CV is not a public one.", code=NOT_ALLOWED) from None
        except UnknownOutcome as error:
            raise Retryable("The server of the CV gave no complete answer.", code=UNAVAILABLE) from error
        complete = time.monotonic() - began < self._seconds
        return _file(response, complete=complete) if response.status_code != 304 else None

    def _check(self, place: str) -> None:
        try:
            self._outside.check(place)
        except BadUrl:
            raise Refused("The address of the CV is none that files are fetched from.", code=NOT_ALLOWED) from None
        if (urlsplit(place).hostname or "").rstrip(".").lower() not in self._hosts:
            raise Refused("The host of the CV is not among CV_HOSTS.", code=NOT_ALLOWED)


def _file(response: requests.Response, *, complete: bool) -> CvFile:
    status, content = response.status_code, response.content
    if status >= 500 or status in LATER:
        raise Retryable(f"The server of the CV answers {status} for now.", code=UNAVAILABLE)
    if status in GONE:
        raise Refused(f"The server of the CV knows it no more ({status}).", code=MISSING)
    if status != 200:
        raise Refused(f"The server of the CV does not hand it out ({status}).", code=NOT_ALLOWED)
    if len(content) > LARGEST:
        raise Refused(f"The file of the CV is larger than {LARGEST // 1024**2} MB.", code=TOO_LARGE)
    if not complete:
        raise Retryable("The server of the CV is too slow.", code=UNAVAILABLE)
    return CvFile(content, _version(response))


def _version(response: requests.Response) -> str | None:
    etag: str = response.headers.get("ETag", "")
    return etag if 0 < len(etag) <= LONGEST_VERSION and etag.isascii() and etag.isprintable() else None
