"""Google's own description of the Calendar API, which ships with its client library, as JSON Schema."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

# The schema of each operation's answer; a deletion has none.
ANSWERS = {
    "events.insert": "Event",
    "events.get": "Event",
    "events.patch": "Event",
    "events.update": "Event",
    "events.list": "Events",
    "freebusy.query": "FreeBusyResponse",
    "calendars.get": "Calendar",
    "calendarList.get": "CalendarListEntry",
    "calendarList.list": "CalendarList",
}


@cache
def document() -> dict[str, Any]:
    text = files("googleapiclient").joinpath("discovery_cache/documents/calendar.v3.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def validator(schema: str) -> jsonschema_rs.Validator:
    """Members that the description does not know are mistakes too."""
    definitions = {name: _json_schema(described) for name, described in document()["schemas"].items()}
    root = {"$defs": definitions, "$ref": f"#/$defs/{schema}"}
    return jsonschema_rs.validator_for(root, validate_formats=True)


def _json_schema(described: dict[str, Any]) -> dict[str, Any]:
    """Discovery documents follow an early draft of JSON Schema, with references by bare name."""
    if "$ref" in described:
        return {"$ref": f"#/$defs/{described['$ref']}"}
    schema: dict[str, Any] = {name: described[name] for name in ("type", "enum") if name in described}
    if schema.get("type") == "any":
        del schema["type"]
    if described.get("format") in ("date", "date-time"):
        schema["format"] = described["format"]
    if "items" in described:
        schema["items"] = _json_schema(described["items"])
    if described.get("type") == "object":
        properties = described.get("properties", {})
        schema["properties"] = {name: _json_schema(member) for name, member in properties.items()}
        others = described.get("additionalProperties")
        schema["additionalProperties"] = _json_schema(others) if others else False
    return schema


def method(operation: str) -> dict[str, Any]:
    """`events.insert` as described."""
    resource, _, name = operation.partition(".")
    found: dict[str, Any] = document()["resources"][resource]["methods"][name]
    return found
