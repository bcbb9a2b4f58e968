"""From the code of a consent page to a connected account."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.contracts.accounts import AccountProvider, CodeAnswer, Grant
from worker.kit.crypto import UnreadableToken
from worker.kit.errors import Misconfigured, Permanent, Retryable, gate_of
from worker.ledger.gates import open_closed_gate
from worker.ledger.handlers import Outcome, RunContext
from worker.ledger.outcomes import Done, Recorded, Write
from worker.services.integrations import credentials, recruiters, states, storing
from worker.services.integrations.authorising import missing_access
from worker.services.integrations.credentials import token_endpoint
from worker.services.integrations.states import State
from worker.services.integrations.storing import Owner
from worker.services.integrations.vault import TokenVault


@dataclass(frozen=True, slots=True)
class Exchange:
    """Exchanges the code of one state. A code is good for one exchange: whoever loses its answer begins anew."""

    context: RunContext
    vault: TokenVault

    def find(self, state_id: int) -> State:
        """Raises Permanent when the state is gone."""
        state = self.context.transaction(lambda connection: states.find(connection, state_id))
        if state is None or state.sealed is None:
            raise Permanent("This connection was begun too long ago, or ended already; begin it again.")
        return state

    def perform(self, state: State, accounts: AccountProvider) -> Outcome:
        grant = self._exchanged(state, accounts)
        scopes = grant.tokens.scopes
        asked = frozenset(each.lower() for each in state.scopes)
        fault = missing_access(state.provider, asked if scopes is None else scopes)
        return Write(lambda connection: self._store(connection, state, grant, fault))

    def _exchanged(self, state: State, accounts: AccountProvider) -> Grant:
        try:
            return accounts.exchange(self._answer(state))
        except Misconfigured as error:
            raise Misconfigured(str(error), provider=token_endpoint(state.provider), waits=False) from error

    def _answer(self, state: State) -> CodeAnswer:
        try:
            hidden = state.hidden(self.vault)
        except UnreadableToken as error:
            sentence = "What this connection began with cannot be read here: TOKEN_ENCRYPTION_KEYS lacks its key."
            raise Retryable(sentence, after=5.0) from error
        return CodeAnswer(
            code=hidden["code"],
            redirect_uri=state.redirect_uri,
            scopes=state.scopes,
            state=json.loads(hidden["parameters"]).get("state", ""),
            verifier=hidden["verifier"] if state.provider.pkce else None,
            nonce=hidden["nonce"] if state.provider.nonce else None,
            parameters=json.loads(hidden["parameters"]),
        )

    def _store(self, connection: Connection, state: State, grant: Grant, fault: str | None) -> Recorded:
        owner = Owner(state.company_id, state.user_id)
        row_id = storing.store_grant(connection, self.vault, state.provider, grant, owner, fault=fault)
        states.forget_secrets(connection, state.id)
        open_closed_gate(connection, gate_of(token_endpoint(state.provider)))
        if fault is None:
            states.end_approvals(connection, state)
        if fault is None and not state.by_page:
            self._tell_colleagues(connection, state, row_id)
        return Done({**state.provider.table.reference(row_id), "connected": fault is None, "reason": fault})

    def _tell_colleagues(self, connection: Connection, state: State, row_id: int | None) -> None:
        """Nothing tied this flow to a browser: whoever works for the company hears whose account it uses now."""
        known = credentials.find(connection, row_id, table=state.provider.table) if row_id else None
        if known is not None:
            recruiters.tell(connection, "account_connected", known, everybody=True)
