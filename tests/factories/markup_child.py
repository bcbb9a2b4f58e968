"""Reads markup as JSON lines and answers what the parsers in native code made of its shape; on a stack of 256 KiB.

A process of its own: what these parsers cannot bear ends it.
"""

import json
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import nh3

from models.enums import TemplateType
from tests.factories.markup import Structure
from worker.services.email.templating import cleaning, elements, parsed_body, template_rules
from worker.services.email.templating.bounds import Unfit
from worker.services.email.templating.composing import Draft
from worker.services.email.templating.template_rules import InvalidTemplate

STACK = 256 * 1024
# A parser adds them where a table lacks them.
ADDED = {"tbody", "/tbody"}
AROUND = {"html", "head", "style", "body", "/html", "/head", "/style", "/body"}


def names(html: str) -> list[str]:
    return [tag[0] for tag in Structure(html).tags if tag[0] not in ADDED]


def depth(tags: list[str]) -> int:
    deepest = level = 0
    for tag in tags:
        level += -1 if tag.startswith("/") else tag not in {"br", "hr", "img"}
        deepest = max(deepest, level)
    return deepest


def save(draft: Draft) -> None:
    """All that a draft is asked before it is kept."""
    template_rules.warnings(draft)
    with suppress(InvalidTemplate):
        template_rules.check(draft)
        template_rules.harmless(draft.body, draft.body_format)


def judge(source: str) -> dict[str, Any]:
    """`same`: both parsers built the tree that was written, no more and no less."""
    before = time.process_time()
    for body_format in ("html", "text"):
        save(Draft(TemplateType.CUSTOM, "fr", "x", source, body_format))
    try:
        shape = cleaning.whole(source)
        parsed_body.prepare(source, "html")
    except Unfit as error:
        return {"unfit": str(error), "seconds": time.process_time() - before}
    seconds = time.process_time() - before
    written = names(shape.html)
    attributes = {"*": {"class", "id"}}
    cleaned = names(nh3.clean(shape.html, tags=set(elements.KNOWN), attributes=attributes, link_rel=None))
    inlined = [tag for tag in names(cleaning.inlined(shape)) if tag not in AROUND]
    return {
        "unfit": None,
        "seconds": seconds,
        "same": written == cleaned == inlined,
        "counted": sum(not tag.startswith("/") for tag in written) <= shape.elements <= 3000,
        "deep": depth(written) <= shape.depth <= 100,
    }


def answer() -> None:
    for line in sys.stdin:
        sys.stdout.write(json.dumps(judge(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    threading.stack_size(STACK)
    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()
