"""Handlers of the tasks that publish offers on channels."""

from functools import partial

from sqlalchemy import Connection

from worker.catalogue import publishing as catalogue
from worker.kit.errors import Permanent
from worker.ledger import effect_rows
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.ledger.plans import Perform
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.services.publishing import ending, links, rows, settling, starting, statistics, targets
from worker.services.publishing.accounts import Connected
from worker.services.publishing.asking import TargetReader
from worker.services.publishing.channels.channel import Channel, NetworkRules
from worker.services.publishing.channels.everything import CHANNELS
from worker.services.publishing.evidence import Sent
from worker.services.publishing.orphan_plan import OrphanPlan
from worker.services.publishing.partners import delivering, desk
from worker.services.publishing.partners.desk import Desk
from worker.services.publishing.partners.removing import Removal
from worker.services.publishing.pictures import PictureUpload
from worker.services.publishing.post_plan import PostPlan
from worker.services.publishing.rows import Posting
from worker.services.publishing.targets import Account
from worker.services.publishing.withdraw_plan import RemovalPlan, WithdrawPlan
from worker.wiring import Wiring

NO_ACCOUNT = "The account that this was posted with is not connected any more; delete the post on the channel itself."


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.PUBLISH_OFFER: partial(publish_offer, wiring),
        catalogue.PUBLISH: partial(publish, wiring),
        catalogue.WITHDRAW: partial(withdraw, wiring),
        catalogue.LIST_TARGETS: partial(list_targets, wiring),
        catalogue.EXPIRE: expire,
        catalogue.RECONCILE: reconcile,
        catalogue.REMOVE_POSTS: remove_posts,
        catalogue.REMOVE_POST: partial(remove_post, wiring),
        catalogue.REFRESH_STATISTICS: refresh_statistics,
        catalogue.READ_STATISTICS: partial(read_statistics, wiring),
    }


def publish_offer(wiring: Wiring, context: RunContext, payload: catalogue.PublishOffer) -> Outcome:
    def ask(channel: Channel, account: Account) -> starting.Found:
        return _reader(wiring, context, channel, account.id).targets(account)

    return starting.publish_offer(context, payload, ask, monthly_posts=wiring.settings.x_monthly_posts)


def publish(wiring: Wiring, context: RunContext, payload: catalogue.PublishPosting) -> Outcome:
    known = context.transaction(lambda connection: rows.find(connection, payload.posting_id))
    if known is None:
        return _orphan(wiring, context, payload.posting_id)
    if CHANNELS[known.channel].way == "webhook":
        return delivering.publication(_desk(wiring, context), known)
    connected = _connected(wiring, context, known)
    if connected is None:
        return Write(lambda connection: settling.stand(connection, payload.posting_id))
    upload = PictureUpload(context, wiring.pictures(), connected.network)
    return Perform(
        PostPlan(
            known,
            connected,
            partial(links.posting_link, wiring.settings),
            upload.of,
            payload.look_first,
        )
    )


def _orphan(wiring: Wiring, context: RunContext, posting_id: int) -> Outcome:
    """Of a posting that was deleted: what the run may have posted is looked for. Partners hear of it all the same."""
    effect = context.transaction(lambda connection: effect_rows.unfinished(connection, context.run.id, "lookup"))
    if effect is None:
        return Done({"posting": "gone"})
    sent = Sent.of(effect.evidence)
    connected = _connect(wiring, context, CHANNELS[sent.channel], sent.account_id)
    return Perform(OrphanPlan(posting_id, effect, sent, connected))


def withdraw(wiring: Wiring, context: RunContext, payload: catalogue.WithdrawPosting) -> Outcome:
    known = context.transaction(lambda connection: rows.find(connection, payload.posting_id))
    if known is None:
        return Done({"posting": "gone"})
    if CHANNELS[known.channel].way == "webhook":
        return delivering.withdrawal(_desk(wiring, context), known, expired=payload.expired)
    connected = _connected(wiring, context, known)
    if connected is None:
        return Write(lambda connection: ending.end(connection, payload))
    return Perform(WithdrawPlan(known.id, connected, payload.expired))


def list_targets(wiring: Wiring, context: RunContext, payload: catalogue.ListTargets) -> Outcome:
    account = context.transaction(
        lambda connection: targets.account_of(connection, payload.company_id, payload.channel)
    )
    if account is None:
        raise Permanent("Nothing is connected there.", code="channel.not_connected", status=400)
    return _reader(wiring, context, CHANNELS[payload.channel], account.id).answer(account)


def expire(context: RunContext, payload: catalogue.After) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"ended": ending.enqueue_ended(connection, payload)}))


def reconcile(context: RunContext, payload: catalogue.After) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"looked_after": settling.reconcile(connection, payload)}))


def remove_posts(context: RunContext, payload: catalogue.Limited) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Done:
        found = ending.enqueue_removals(connection, payload.limit)
        if found == payload.limit:
            enqueue(connection, catalogue.REMOVE_POSTS, payload)
        return Done({"enqueued": found})

    return Write(work)


def remove_post(wiring: Wiring, context: RunContext, payload: catalogue.RemovePost) -> Outcome:
    if CHANNELS[payload.channel].way == "webhook":
        return Removal(_desk(wiring, context), payload).outcome()
    return Perform(RemovalPlan(payload, _connect(wiring, context, CHANNELS[payload.channel], payload.account_id)))


def refresh_statistics(context: RunContext, payload: catalogue.After) -> Outcome:  # noqa: ARG001 - as all handlers
    return Write(lambda connection: Done({"targets": statistics.enqueue_accounts(connection, payload)}))


def read_statistics(wiring: Wiring, context: RunContext, payload: catalogue.ReadStatistics) -> Outcome:
    return statistics.read(context, payload, _connect(wiring, context, CHANNELS[payload.channel], payload.account_id))


def _desk(wiring: Wiring, context: RunContext) -> Desk:
    return desk.opened(context, wiring.settings, wiring.webhooks, wiring.board)


def _reader(wiring: Wiring, context: RunContext, channel: Channel, account_id: int) -> TargetReader:
    return TargetReader(context, channel.kind, _connect(wiring, context, channel, account_id))


def _connected(wiring: Wiring, context: RunContext, posting: Posting) -> Connected | None:
    """The account that it is posted with; None on a channel that is not called. Raises Permanent where it is gone."""
    if CHANNELS[posting.channel].network is None:
        return None
    if posting.account_id is None:
        raise Permanent(NO_ACCOUNT, code="channel.not_connected", status=400)
    return _connect(wiring, context, CHANNELS[posting.channel], posting.account_id)


def _connect(wiring: Wiring, context: RunContext, channel: Channel, account_id: int) -> Connected:
    rules = _rules(channel)
    source = TokenSource(context, wiring.accounts(rules.provider), TokenVault(wiring.settings), rules.accounts)
    return Connected(rules, wiring.network(rules.provider), source, account_id)


def _rules(channel: Channel) -> NetworkRules:
    if channel.network is None:
        raise Permanent(f"{channel.title} is no network that is called.")
    return channel.network
