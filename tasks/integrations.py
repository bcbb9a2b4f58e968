"""Handlers of the tasks about connected accounts."""

from functools import partial

from sqlalchemy import Connection

from worker.catalogue import integrations as catalogue
from worker.contracts.providers import ACCOUNT_TABLES, AUTHORISED
from worker.ledger.enqueue import enqueue
from worker.ledger.handlers import Handlers, Outcome, RunContext
from worker.ledger.outcomes import Done, Write
from worker.services.integrations import credentials, disconnecting, ending, expiring
from worker.services.integrations.exchanging import Exchange
from worker.services.integrations.tokens import TokenSource
from worker.services.integrations.vault import TokenVault
from worker.wiring import Wiring


def handlers(wiring: Wiring) -> Handlers:
    return {
        catalogue.EXCHANGE_CODE: partial(exchange_code, wiring),
        catalogue.REFRESH_TOKEN: partial(refresh_token, wiring),
        catalogue.REVOKE: partial(revoke, wiring),
        catalogue.CHECK_EXPIRING: check_expiring,
    }


def exchange_code(wiring: Wiring, context: RunContext, payload: catalogue.ExchangeCode) -> Outcome:
    exchange = Exchange(context, TokenVault(wiring.settings))
    state = exchange.find(payload.state_id)
    return exchange.perform(state, wiring.accounts(state.provider.name))


def refresh_token(wiring: Wiring, context: RunContext, payload: catalogue.RefreshToken) -> Outcome:
    known = context.transaction(lambda connection: credentials.named(connection, payload))
    if known is None or not known.works or known.refresh_token is None:
        return Done({"renewed": False})
    accounts = wiring.accounts(AUTHORISED[known.provider].name)
    TokenSource(context, accounts, TokenVault(wiring.settings), known.table).renew(known)
    return Done({"renewed": True})


def revoke(wiring: Wiring, context: RunContext, payload: catalogue.Revoke) -> Outcome:
    known = context.transaction(lambda connection: credentials.named(connection, payload))
    if known is None or known.state.active:
        return Done({"revoked": False})
    accounts = wiring.accounts(AUTHORISED[known.provider].name)
    return disconnecting.revoke(context, TokenVault(wiring.settings), accounts, known)


def check_expiring(context: RunContext, payload: catalogue.CheckExpiring) -> Outcome:  # noqa: ARG001 - as all handlers
    def work(connection: Connection) -> Done:
        after, limit = payload.after, payload.limit
        ending_ones = [expiring.check_expiring(connection, table, after, limit) for table in ACCOUNT_TABLES]
        unused = [expiring.refresh_unused(connection, table, after, limit) for table in ACCOUNT_TABLES]
        forgotten = sum(ending.forget_old_tokens(connection, table, limit) for table in ACCOUNT_TABLES)
        told, renewed = (sum(count for count, _ in pages) for pages in (ending_ones, unused))
        last = min((last for _, last in ending_ones + unused if last is not None), default=None)
        if last is not None:
            enqueue(connection, catalogue.CHECK_EXPIRING, payload.model_copy(update={"after": last}))
        return Done({"told": told, "renewed": renewed, "forgotten": forgotten})

    return Write(work)
