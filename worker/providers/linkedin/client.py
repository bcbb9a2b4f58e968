"""Posts of organisations and members at LinkedIn. Source: LinkedIn, "Posts API", "Images API", "Organization Access
Control by Role", "Share Statistics", "Organization Lookup API".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import unquote

from worker.contracts.accounts import AccessRefused
from worker.contracts.channels import Figures, Picture, Post, Published, Target
from worker.kit.errors import Refused, Retryable, RunError, UnknownOutcome
from worker.kit.http import CallLimits
from worker.kit.logging import get_logger
from worker.kit.words import sentence
from worker.providers.linkedin import images, payloads
from worker.providers.linkedin.errors import Duplicate, Gone
from worker.providers.linkedin.rest import Members, RestApi, urn

log = get_logger(__name__)

POSTS = "/rest/posts"
PAGE = 100
MOST_PAGES = 10
MOST_NAMES = 20
LONGEST_NAME = 200
POSTS_AT_ONCE = 50
# Clocks differ, and LinkedIn's `createdAt` may be of when it began.
SKEW = timedelta(minutes=5)
_OF_DELETED = (
    "LinkedIn takes this text for one that was deleted there, and refuses it until 48 hours after the deletion. "
    "Publish a text that differs, or wait."
)
_OF_OTHER = "LinkedIn takes this text for a repetition of another post there. Change the text, and publish again."


class LinkedInPosts:
    """A `Network`. url: the API's address. version: the API's month, YYYYMM."""

    def __init__(self, *, url: str, version: str, limits: CallLimits | None = None) -> None:
        self._rest = RestApi(url.rstrip("/"), version, limits)

    def close(self) -> None:
        self._rest.close()

    def body(self, post: Post, target: str) -> bytes:
        return payloads.body(post, target)

    def upload_picture(self, token: str, target: str, picture: Picture) -> str:
        """Raises Refused where it is no picture that LinkedIn takes."""
        images.check(picture)
        wish = {"initializeUploadRequest": {"owner": target}}
        value = self._rest.ask("/rest/images?action=initializeUpload", token, wish).get("value")
        told = value if isinstance(value, dict) else {}
        address, name = told.get("uploadUrl"), told.get("image")
        if not isinstance(address, str) or not isinstance(name, str) or not name.startswith("urn:li:image:"):
            raise Retryable("LinkedIn did not say where to upload to.", code="provider.unusable_answer")
        self._rest.upload(address, token, picture.content, picture.media_type)
        return name

    def publish(self, token: str, target: str, body: bytes, *, link: str, deadline: float) -> Published:
        try:
            headers = self._rest.create(POSTS, token, body, deadline=deadline)
        except Duplicate as found:
            return self._present(token, target, found.post_id, link)
        post_id = unquote(headers.get("x-restli-id", ""))
        if not payloads.POST.fullmatch(post_id):
            raise UnknownOutcome("LinkedIn took the post but did not say its id.")
        return Published(post_id)

    def find(self, token: str, target: str, link: str, since: datetime) -> Published | None:
        oldest = since - SKEW
        for members in self._newest(token, target):
            for post in filter(None, map(payloads.seen, payloads.elements(members))):
                if post.created_at is not None and post.created_at < oldest:
                    return None
                if post.is_ours(target, link):
                    return Published(post.id)
        return None

    def withdraw(self, token: str, target: str, post_id: str, *, deadline: float) -> None:  # noqa: ARG002 - the post's id says whose it is
        try:
            self._rest.delete(f"{POSTS}/{urn(post_id)}", token, deadline=deadline)
        except Gone:
            return

    def statistics(self, token: str, target: str, post_ids: Sequence[str]) -> Mapping[str, Figures]:
        """Of pages' posts; of members' own LinkedIn tells none."""
        if not payloads.is_page(target):
            return {}
        found: dict[str, Figures] = {}
        for parameter, of_kind in payloads.by_kind(post_ids).items():
            for start in range(0, len(of_kind), POSTS_AT_ONCE):
                found |= self._figures(token, target, parameter, of_kind[start : start + POSTS_AT_ONCE])
        return found

    def targets(self, token: str) -> Sequence[Target]:
        """Pages alone: whether members may post as themselves, their grants say. Those beyond the first `MOST_NAMES`
        are called by their numbers, and so are those whose names LinkedIn does not tell.
        """
        return list(self._named(token, list(self._pages(token))))

    def _newest(self, token: str, target: str) -> Iterator[Members]:
        """Pages of the target's posts, the newest first."""
        query = f"q=author&author={urn(target)}&sortBy=CREATED"
        return self._paged(token, f"{POSTS}?{query}")

    def _paged(self, token: str, path: str) -> Iterator[Members]:
        for number in range(MOST_PAGES):
            members = self._rest.read(f"{path}&start={number * PAGE}&count={PAGE}", token, finder=True)
            yield members
            if payloads.is_last(members, PAGE):
                return
        raise Retryable("LinkedIn lists without end.", code="provider.busy")

    def _present(self, token: str, target: str, post_id: str, link: str) -> Published:
        """The post that keeps ours from being made. Only a look at it tells whether an earlier call made it: where it
        cannot be read, the posts of the target have to be looked through.
        """
        try:
            element = self._rest.read(f"{POSTS}/{urn(post_id)}?viewContext=AUTHOR", token) if post_id else None
        except Gone as error:
            raise Refused(_OF_DELETED, code="publishing.duplicate_of_deleted") from error
        except RunError as error:
            raise UnknownOutcome(f"LinkedIn has this post already, but does not show it: {error}") from error
        found = payloads.seen(element)
        if found is None or found.id != post_id:
            raise UnknownOutcome("LinkedIn says that it has this post already, but not which one it is.")
        if not found.is_ours(target, link):
            raise Refused(_OF_OTHER, code="publishing.duplicate_of_other", details={"post": post_id})
        return Published(post_id)

    def _figures(self, token: str, target: str, parameter: str, post_ids: Sequence[str]) -> Mapping[str, Figures]:
        listed = ",".join(map(urn, post_ids))
        query = f"q=organizationalEntity&organizationalEntity={urn(target)}&{parameter}=List({listed})"
        members = self._rest.read(f"/rest/organizationalEntityShareStatistics?{query}", token, finder=True)
        return payloads.figures(members, post_ids)

    def _pages(self, token: str) -> Iterator[str]:
        known = set[str]()
        for members in self._paged(token, "/rest/organizationAcls?q=roleAssignee&state=APPROVED"):
            for page in payloads.pages(members):
                if page not in known:
                    yield page
                known.add(page)

    def _named(self, token: str, pages: Sequence[str]) -> Iterator[Target]:
        for number, page in enumerate(pages):
            identifier = page.rpartition(":")[2]
            told = self._organization(token, identifier) if number < MOST_NAMES else {}
            yield Target(page, sentence(told.get("localizedName"), LONGEST_NAME) or f"LinkedIn {identifier}")

    def _organization(self, token: str, identifier: str) -> Members:
        """Nobody is kept from a page because its name is not told."""
        try:
            return self._rest.read(f"/rest/organizations/{identifier}", token)
        except AccessRefused:
            raise
        except RunError as error:
            log.info("linkedin.page_without_name", code=error.code)
            return {}
