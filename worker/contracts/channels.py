"""Networks on which offers are posted: LinkedIn, Facebook, X.

A post is an effect that no network lets us repeat safely: none of them knows a key. So every post carries a link that
no other one has (`Post.link`), by which a post whose answer was lost is found again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from worker.kit.errors import Permanent


class ChannelOff(Permanent):
    """The account may not post until a person has settled something there (credits used up): nothing was executed,
    and nothing more is sent until the channel is switched on again.
    """

    code = "channel.off"
    status = 409


@dataclass(frozen=True, slots=True)
class Post:
    """An offer as readers of a network shall see it.

    text: what stands above the hashtags, its lines parted by line feeds, `link` in it where the network shows links in
    texts. hashtags: words without their sign, letters and digits only. link: the offer's public page with the posting's
    mark. title, description: of the card below. picture: what the network calls an uploaded one, or empty. language:
    fr or en.
    """

    text: str
    hashtags: tuple[str, ...]
    link: str
    title: str
    description: str
    language: str
    picture: str = ""

    @property
    def visible(self) -> str:
        """The whole text: what the network shows has to be equal to it."""
        return "\n\n".join(filter(None, (self.text, " ".join(f"#{word}" for word in self.hashtags))))


@dataclass(frozen=True, slots=True)
class Picture:
    """media_type: image/jpeg, image/png or image/gif."""

    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where an account may post. id: an organisation's or person's URN, a page's id; '' where there is only one place.

    personal: the member's own profile.
    """

    id: str
    name: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a post until now; None where the network does not tell. Never negative."""

    impressions: int | None = None
    unique_impressions: int | None = None
    clicks: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """id: the network's own for the post. visible: False where it may be that nobody but administrators sees it."""

    id: str
    visible: bool = True


class Network(Protocol):
    """Calls in the name of a connected account; `token` is its access token.

    Every method may raise AccessRefused (worker.contracts.accounts; the token was not taken), ScopeMissing, Retryable,
    RateLimited and Unreachable, and Misconfigured where our app or the version of the API is not accepted: no account
    is to blame then. Refused: this content, this target; nothing was executed.
    """

    def body(self, post: Post, target: str) -> bytes:
        """What `publish` sends; a pure function. Raises Refused where the post is longer than the network takes."""

    def upload_picture(self, token: str, target: str, picture: Picture) -> str:
        """What the network calls it (`Post.picture`); '' where it takes none. Nobody notices a second upload."""

    def publish(self, token: str, target: str, body: bytes, *, link: str, deadline: float) -> Published:
        """Post once, and never repeat the call. Nothing may leave after `deadline` (time.monotonic).

        A post that the network calls a duplicate is looked for: the answer is the present post where it holds `link`,
        else Refused says what is in the way. Raises UnknownOutcome where nobody knows, also where a post was made whose
        id was not told; ChannelOff.
        """

    def find(self, token: str, target: str, link: str, since: datetime) -> Published | None:
        """The newest post on the target that holds `link` and was not made before `since`. Raises ScopeMissing where
        the account may not read posts.
        """

    def withdraw(self, token: str, target: str, post_id: str, *, deadline: float) -> None:
        """Delete a post; one that is gone is fine, and so is a second call."""

    def statistics(self, token: str, target: str, post_ids: Sequence[str]) -> Mapping[str, Figures]:
        """By id; those about which nothing is known are left out."""

    def targets(self, token: str) -> Sequence[Target]:
        """Where the account may post; empty where it may nowhere."""
