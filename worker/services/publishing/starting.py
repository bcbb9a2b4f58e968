"""`publishing.publish_offer`: postings of one offer with a run for each, followed to the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from models.enums import PostingState
from worker.catalogue.publishing import PUBLISH, PublishOffer, PublishPosting, Wish
from worker.contracts.channels import Target
from worker.kit.database import query
from worker.kit.errors import Permanent
from worker.kit.localisation import DEFAULT_LOCALE, message, translate
from worker.ledger import runs
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Json, Recorded, Run, Snooze, Write
from worker.services.integrations import reasons
from worker.services.publishing import failures, offers, rows, settling, targets
from worker.services.publishing.boards import postings as boards
from worker.services.publishing.channels.channel import Channel
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.offers import PublishableOffer
from worker.services.publishing.partners import accounts as partners
from worker.services.publishing.rows import NewPosting
from worker.services.publishing.shown import shown
from worker.services.publishing.targets import PERSONAL, Account

# The last child makes its parent due at once; this is for the news that gets lost.
LOOK_AGAIN = 5.0
Found = Sequence[Target]
AskTargets = Callable[[Channel, Account], Found]
Answer = Mapping[str, Any]

NOT_CONNECTED = message("%(channel)s n’est pas connecté. Connectez-le dans Intégrations, puis publiez de nouveau.")
NO_FEED = message(
    "%(channel)s n’a pas encore l’adresse de votre flux d’offres. Créez le flux dans Intégrations, donnez son adresse "
    "à %(channel)s, puis publiez de nouveau."
)
NO_PERSONAL = message(
    "Le compte LinkedIn connecté ne permet pas de publier sur un profil personnel : choisissez une page de "
    "l’entreprise."
)
NOWHERE = message("Ce compte n’administre aucune page sur %(channel)s : rien ne peut y être publié.")
OVER_BUDGET = message(
    "Le nombre de publications payantes de votre entreprise sur %(channel)s est atteint pour ce mois : publiez "
    "ailleurs ou attendez le mois prochain."
)
CHOOSE = message("Ce compte administre plusieurs pages sur %(channel)s : choisissez où publier.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where one posting goes. error: a sentence why it cannot, in the locale of whoever publishes."""

    channel: Channel
    target: str = ""
    name: str | None = None
    account_id: int | None = None
    error: str | None = None
    locale: str = DEFAULT_LOCALE

    def refusal(self, sentence: str) -> Answer:
        return {"channel": self.channel.kind.value, "target": self.target, "error": sentence}


@dataclass(frozen=True, slots=True)
class Progress:
    postings: Sequence[int] = ()
    errors: Sequence[Answer] = field(default_factory=tuple)

    @classmethod
    def of(cls, progress: Json | None) -> "Progress | None":
        return cls(progress["postings"], progress["errors"]) if progress else None

    def kept(self) -> Json:
        return {"postings": list(self.postings), "errors": [dict(each) for each in self.errors]}


def publish_offer(context: RunContext, payload: PublishOffer, ask: AskTargets, *, monthly_posts: int) -> Outcome:
    """A repetition goes on with the postings that it made.

    monthly_posts: of a company on each channel where posts cost money, in a calendar month (UTC).
    """
    reached = Progress.of(context.run.progress)
    if reached is None:
        offer, locale = context.transaction(lambda connection: _asked_for(connection, payload))
        finder = _Places(context, offer, locale, ask)
        places = [place for wish in payload.channels for place in finder.of(wish)]
        reached = context.step(
            lambda connection: _start(connection, context.run, payload, places, monthly_posts=monthly_posts)
        )
    return Write(lambda connection: _conclude(connection, context.run, payload, reached))


def _asked_for(connection: Connection, payload: PublishOffer) -> tuple[PublishableOffer, str]:
    """The offer, and the language of whoever publishes it."""
    offer = offers.find(connection, payload.job_id)
    if offer is None:
        raise Permanent(f"There is no offer {payload.job_id} any more.", code="offer.gone", status=404)
    if not offer.is_open:
        raise Permanent("This offer is not open: publish it in IntoWork first.", code="offer.closed", status=409)
    return offer, failures.locale_of(connection, payload.published_by)


@dataclass(frozen=True, slots=True)
class _Places:
    """Finds where the postings of one offer go."""

    context: RunContext
    offer: PublishableOffer
    locale: str
    ask: AskTargets

    def of(self, wish: Wish) -> list[Place]:
        """Each once, in the order asked for."""
        channel = CHANNELS[wish.channel]
        if channel.way == "webhook":
            return [self._partner(channel)]
        if channel.network is None:
            return [self._own_channel(channel)]
        account = self.context.transaction(
            lambda connection: targets.account_of(connection, self.offer.company_id, wish.channel)
        )
        if account is None:
            return [self._refused(channel, "", NOT_CONNECTED)]
        if account.off is not None:
            return [Place(channel, error=translate(self.locale, reasons.OFF, title=channel.title))]
        wanted = list(wish.targets) or [account.stored_target or ""]
        if wanted == [""]:
            return [self._only(channel, account)]
        places = [self._one(channel, account, each) for each in wanted]
        return list({(each.target, each.error): each for each in places}.values())

    def _partner(self, channel: Channel) -> Place:
        known = self.context.transaction(lambda connection: partners.of_company(connection, self.offer.company_id))
        if known is None:
            return self._refused(channel, "", NOT_CONNECTED)
        return Place(channel, "", known.label, known.id, locale=self.locale)

    def _own_channel(self, channel: Channel) -> Place:
        if channel.way == "feed" and not self.context.transaction(
            lambda connection: boards.has_feed(connection, self.offer.company_id, channel.kind)
        ):
            return self._refused(channel, "", NO_FEED)
        return Place(channel, locale=self.locale)

    def _one(self, channel: Channel, account: Account, wanted: str) -> Place:
        if wanted.strip().lower() in ("", PERSONAL):
            return self._own(channel, account) or self._refused(channel, PERSONAL, NO_PERSONAL)
        target = channel.network.target_of(wanted) if channel.network else wanted
        return Place(channel, target, account.known.get(target), account.id, locale=self.locale)

    def _only(self, channel: Channel, account: Account) -> Place:
        """The only page that the account may post to; the member's own profile where it has none and may."""
        try:
            found = self.ask(channel, account)
        except Permanent as error:
            return Place(channel, error=failures.sentence(self.locale, channel.title, error.code, str(error)))
        pages = [target for target in found if not target.personal]
        if len(pages) == 1:
            return Place(channel, pages[0].id, pages[0].name, account.id, locale=self.locale)
        if pages:
            return self._refused(channel, "", CHOOSE)
        return self._own(channel, account) or self._refused(channel, "", NOWHERE)

    def _own(self, channel: Channel, account: Account) -> Place | None:
        own = account.personal_target
        return Place(channel, own, account.label or None, account.id, locale=self.locale) if own else None

    def _refused(self, channel: Channel, target: str, text: str) -> Place:
        return Place(channel, target, error=translate(self.locale, text, channel=channel.title))


def _start(
    connection: Connection, run: Run, payload: PublishOffer, places: Sequence[Place], *, monthly_posts: int
) -> tuple[Progress, Json]:
    started: list[int] = []
    errors: list[Answer] = []
    for place in places:
        if place.error is None and _is_over_budget(connection, run.company_id, place, monthly_posts):
            errors.append(place.refusal(translate(place.locale, OVER_BUDGET, channel=place.channel.title)))
        elif place.error is not None:
            errors.append(place.refusal(place.error))
        else:
            started.append(_posting(connection, run, payload, place))
    reached = Progress(started, errors)
    return reached, reached.kept()


def _is_over_budget(connection: Connection, company_id: int, place: Place, monthly_posts: int) -> bool:
    """The account's row is held, so that two who publish at once do not share the last post."""
    network = place.channel.network
    if network is None or not network.billed:
        return False
    query(connection, f"select 1 from {network.accounts.name} where id = %s for no key update", (place.account_id,))
    return rows.posts_of_month(connection, company_id, place.channel.kind) >= monthly_posts


def _posting(connection: Connection, run: Run, payload: PublishOffer, place: Place) -> int:
    """A new posting with its run; the one that stands there already, or is on its way."""
    new = NewPosting(
        job_id=payload.job_id,
        channel=place.channel.kind,
        target=place.target,
        target_name=place.name,
        account_id=place.account_id,
        message=payload.message,
        published_by=payload.published_by,
    )
    while True:
        posting_id = rows.insert(connection, new, PostingState.PUBLISHING)
        if posting_id is not None:
            break
        if (there := rows.active(connection, payload.job_id, place.channel.kind, place.target)) is not None:
            return there.id
    made = enqueue(
        connection,
        PUBLISH,
        PublishPosting(posting_id=posting_id),
        parent_id=run.id,
        company_id=run.company_id,
        caused_by=payload.published_by,
    )
    rows.set_run(connection, posting_id, made.id)
    return posting_id


def _conclude(connection: Connection, run: Run, payload: PublishOffer, reached: Progress) -> Recorded:
    child = runs.worst_child(connection, run.id)
    if child is not None and child.under_way:
        return Snooze(LOOK_AGAIN, reached.kept())
    settling.settle(connection, reached.postings)
    locale = failures.locale_of(connection, payload.published_by)
    found = [shown(each, locale) for each in rows.of_ids(connection, reached.postings)]
    return Done({"job_id": payload.job_id, "postings": found, "errors": [dict(each) for each in reached.errors]})
