"""What the Messages API checks before it answers, as far as callers have met it.

Newer models take no `temperature`, `top_p` or `top_k`; a form of an answer is a small part of JSON Schema.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

VERSIONS = frozenset({"2023-01-01", "2023-06-01"})
MOST_OUTPUT = 64_000
CONTEXT = 200_000
LARGEST = 32 * 1024 * 1024
LARGEST_BATCH = 256 * 1024 * 1024
MOST_REQUESTS = 100_000

# Retired, with what answers instead of them.
RETIRED = re.compile(r"claude-(?:[12]\b|instant|3|sonnet-4-2|opus-4-2|sonnet-4-0|opus-4-0)")
_MEMBERS = frozenset(
    {
        "cache_control", "container", "diagnostics", "inference_geo", "max_tokens", "messages", "metadata", "model",
        "output_config", "service_tier", "stop_sequences", "stream", "system", "thinking", "tool_choice", "tools",
    }
)  # fmt: skip
_SAMPLING = ("temperature", "top_p", "top_k")
_SCHEMA = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "description",
        "title",
        "anyOf",
    }
) | {"allOf", "$ref", "$defs", "default", "format", "minItems"}
_CUSTOM_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    kind: str
    message: str


def problem_of(body: Mapping[str, Any]) -> Problem | None:
    """The first thing wrong with one question."""
    checks = (_required, _model, _members, _limits, _tool, _form)
    return next((problem for check in checks if (problem := check(body)) is not None), None)


def problem_of_batch(body: Mapping[str, Any]) -> Problem | None:
    """Of the list alone: what is wrong with a question of it is said in its result."""
    requests = body.get("requests")
    if not isinstance(requests, list) or not requests:
        return _invalid("requests: Field required")
    if len(requests) > MOST_REQUESTS:
        return _invalid(f"requests: List should have at most {MOST_REQUESTS} items")
    seen = set()
    for number, request in enumerate(requests):
        mark = request.get("custom_id") if isinstance(request, dict) else None
        if not isinstance(mark, str) or not _CUSTOM_ID.fullmatch(mark):
            return _invalid(f"requests.{number}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        if not isinstance(request.get("params"), dict):
            return _invalid(f"requests.{number}.params: Field required")
        if mark in seen:
            return _invalid(f"requests.{number}.custom_id: Duplicate custom_id {mark}")
        seen.add(mark)
    return None


def tokens_of(body: Mapping[str, Any]) -> int:
    """About four characters make a token."""
    asked = (json.dumps(body[name], ensure_ascii=False) for name in ("messages", "system", "tools") if body.get(name))
    return sum(map(len, asked)) // 4


def _invalid(message: str) -> Problem:
    return Problem(400, "invalid_request_error", message)


def _required(body: Mapping[str, Any]) -> Problem | None:
    missing = next((name for name in ("model", "max_tokens", "messages") if not body.get(name)), None)
    return _invalid(f"{missing}: Field required") if missing else None


def _model(body: Mapping[str, Any]) -> Problem | None:
    return None if is_known(str(body["model"])) else Problem(404, "not_found_error", f"model: {body['model']}")


def is_known(model: str) -> bool:
    return model.startswith("claude-") and not RETIRED.match(model)


def _members(body: Mapping[str, Any]) -> Problem | None:
    for name in _SAMPLING:
        if name in body:
            return _invalid(f"`{name}` is deprecated for this model.")
    unknown = sorted(set(body) - _MEMBERS)
    return _invalid(f"{unknown[0]}: Extra inputs are not permitted") if unknown else None


def _limits(body: Mapping[str, Any]) -> Problem | None:
    most, asked = body["max_tokens"], tokens_of(body)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        return _invalid("max_tokens: Input should be a valid integer greater than 0")
    if most > MOST_OUTPUT:
        return _invalid(
            f"max_tokens: {most} > {MOST_OUTPUT}, which is the maximum allowed number of output tokens for "
            f"{body['model']}"
        )
    return _invalid(f"prompt is too long: {asked} tokens > {CONTEXT} maximum") if asked > CONTEXT else None


def _tool(body: Mapping[str, Any]) -> Problem | None:
    chosen = (body.get("tool_choice") or {}).get("name")
    known = [tool.get("name") for tool in body.get("tools") or ()]
    if chosen is not None and chosen not in known:
        return _invalid(f"Tool '{chosen}' not found in provided tools")
    return None


def _form(body: Mapping[str, Any]) -> Problem | None:
    if "output_format" in body:
        return _invalid("output_format: Use output_config.format instead.")
    form = (body.get("output_config") or {}).get("format")
    if form is None:
        return None
    if not isinstance(form, dict) or form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        return _invalid("output_config.format: Input should be a valid json_schema format")
    wrong = next((each for part in _parts(form["schema"]) for each in _faults(part)), None)
    return _invalid(f"output_config.format.schema: {wrong}") if wrong else None


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema, and every one inside it."""
    yield schema
    inside = [*(schema.get("properties") or {}).values(), *(schema.get("$defs") or {}).values()]
    inside += [schema.get("items"), *(schema.get("anyOf") or ()), *(schema.get("allOf") or ())]
    for each in inside:
        if isinstance(each, dict):
            yield from _parts(each)


def _faults(schema: Mapping[str, Any]) -> Iterator[str]:
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    for name in sorted(set(schema) - _SCHEMA):
        yield f"For '{kind}' type, property '{name}' is not supported"
    if schema.get("minItems", 0) not in (0, 1):
        yield f"For 'array' type, 'minItems' values other than 0 or 1 are not supported, got {schema['minItems']}"
    if not {"type", "anyOf", "allOf", "$ref", "enum", "const"} & set(schema):
        yield "Schema type is required"
