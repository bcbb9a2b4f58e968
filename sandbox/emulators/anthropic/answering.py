"""A message for a question: written as a tool's call or as text of the form that was asked for, with every fault that
has been seen.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.anthropic import judging, writing
from sandbox.emulators.anthropic.checks import tokens_of
from sandbox.emulators.switches import Switches

FAULTS: Mapping[str, Any] = {
    "cut_off": 0.0,  # stop_reason max_tokens
    "declined": 0.0,  # stop_reason refusal
    "plain_text": 0.0,  # no call of the tool; no JSON
    "unknown_name": 0.0,  # a placeholder that was not offered
    "missing_member": 0.0,
    "no_usage": 0.0,  # the answer does not say how many tokens it took
    "output_tokens": None,  # what the usage says, whatever was written
    "scores": None,  # instead of its own score; of a list one after the other, the last for ever
    "invents": 0.0,  # skills and an employer that nobody named: `invented`
    "invented": ["Kubernetes"],
    "obeys": 0.0,  # follows what the candidate's texts order
    "changes": None,  # members of the answer put in the place of its own
}


class Answers:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._given = 0

    def message(self, body: Mapping[str, Any]) -> dict[str, Any]:
        reason, content = self._content(body)
        digest = hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()
        return {
            "id": f"msg_{digest[:24]}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": None if self._switches.hits("no_usage") else self._usage(body, content),
        }

    def _usage(self, body: Mapping[str, Any], content: Any) -> dict[str, int]:
        written = self._switches["output_tokens"]
        return {
            "input_tokens": tokens_of(body),
            "output_tokens": len(str(content)) // 4 if written is None else int(written),
        }

    def _content(self, body: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        if self._switches.hits("declined"):
            return "refusal", []
        form = (body.get("output_config") or {}).get("format")
        question = str(body["messages"][-1]["content"])
        if form is not None:
            return self._formed(body, form["schema"], question)
        return self._called(body, question)

    def _called(self, body: Mapping[str, Any], question: str) -> tuple[str, list[dict[str, Any]]]:
        proposal = writing.proposal(question)
        if self._switches.hits("plain_text"):
            return "end_turn", [{"type": "text", "text": proposal["body"]}]
        if self._switches.hits("unknown_name"):
            proposal["body"] = proposal["body"].replace("</p>", " {candidat_prenom}</p>", 1)
        if self._switches.hits("missing_member"):
            del proposal["subject"]
        reason = "max_tokens" if self._switches.hits("cut_off") else "tool_use"
        tool = (body.get("tool_choice") or {}).get("name")
        return reason, [{"type": "tool_use", "id": "toolu_01emulator", "name": tool, "input": proposal}]

    def _formed(
        self, body: Mapping[str, Any], form: Mapping[str, Any], question: str
    ) -> tuple[str, list[dict[str, Any]]]:
        answer = judging.answer(form, question, obeys=self._switches.hits("obeys"))
        text = json.dumps(self._changed(answer), ensure_ascii=False)
        if self._switches.hits("plain_text"):
            text = f"Voici mon avis : {text[:40]}"
        room = int(body["max_tokens"]) * 4
        if self._switches.hits("cut_off") or len(text) > room:
            return "max_tokens", [{"type": "text", "text": text[: min(room, len(text) // 2)]}]
        return "end_turn", [{"type": "text", "text": text}]

    def _changed(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "score" in answer and self._switches["scores"]:
            scores = self._switches["scores"]
            answer["score"] = scores[min(self._given, len(scores) - 1)]
            self._given += 1
        if "score" in answer and self._switches.hits("invents"):
            answer["matched"] += self._switches["invented"]
            answer["strengths"].append("une longue expérience chez Google")
        if self._switches.hits("missing_member"):
            answer.pop("score", None)
        return {**answer, **(self._switches["changes"] or {})}
