"""No markup costs a process its stack, a second of CPU or 100 MB, and parsers find in it nothing to repair."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.factories.costs import least
from tests.factories.hostile_markup import KINDS

LARGEST_REQUEST = 1_000_000
NAMES = [
    "a", "b", "i", "font", "span", "p", "div", "li", "ul", "dd", "dt", "h1", "h2", "table", "tbody", "tr", "td", "th",
    "caption", "col", "br", "hr", "img", "pre", "form", "svg", "g", "math", "mi", "template", "select", "option",
    "style", "title", "textarea", "script", "noscript", "body", "html", "frameset", "button", "nobr", "o:p", "image",
]  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(NAMES).map("<{}>".format),
    st.sampled_from(NAMES).map("</{}>".format),
    st.sampled_from(NAMES).map(
        "<{} class=x id='y\"' style=\"color:red\" href=https://example.com/ title='<b>'>".format
    ),
    st.sampled_from(NAMES).map("<{} a='".format),
    st.sampled_from(NAMES).map("<{}/>".format),
    st.sampled_from(["x", " ", "\n", "&amp;", "&#60;p>", "&nbsp;", "{job_title}", "{job_", "title}", "\0", "é"]),
    st.sampled_from(
        ["<!--", "-->", "<!-->", "--!>", "<![CDATA[", "]]>", "<!doctype html>", "<?xml ?>", "<", ">", "</"]
    ),
    st.sampled_from(["<style>p{color:red}p>b,*{font:1px}</style>", "<style>@media x{p{", "}}", "<!--[if mso]>"]),
)
SOUP = st.lists(PIECES, max_size=40).map("".join)
Judge = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    command = [sys.executable, "-m", "tests.factories.markup_child"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        questions, answers = child.stdin, child.stdout

        def ask(markup: str) -> dict[str, Any]:
            questions.write(json.dumps(markup) + "\n")
            questions.flush()
            line = answers.readline()
            assert line, "the parsers' process has died"
            answer: dict[str, Any] = json.loads(line)
            return answer

        yield ask
        questions.close()


def of_size(kind: str, size: int) -> str:
    """About so many bytes of a kind."""
    make = KINDS[kind]
    alone, more = len(make(1).encode()), len(make(101).encode())
    return make(max(1, (size - alone) * 100 // (more - alone)))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SOUP)
@example("<table><tr><td><a>x<table><a>y</a><td><a>z</table>")
@example("<b><p>x</b>y</p><a><div><a></div>z")
@example("<li><div><li><p><ul></li></div><dd><dt></dd>")
def test_parsers_build_the_tree_that_was_written(judge: Judge, markup: str) -> None:
    found = judge(markup)
    assert found["unfit"] or (found["same"] and found["counted"] and found["deep"]), found


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_markup_costs_next_to_nothing(judge: Judge, kind: str) -> None:
    for size in (3_000, 30_000, 101_000, LARGEST_REQUEST):
        source = of_size(kind, size)
        found = judge(source)
        assert found["seconds"] < 1 or least(partial(_seconds, judge, source), 1) < 1, (size, found)
        assert found["unfit"] or (found["same"] and found["counted"] and found["deep"]), (size, found)


def _seconds(judge: Judge, source: str) -> float:
    seconds: float = judge(source)["seconds"]
    return seconds


def test_a_process_that_met_them_all_stays_small() -> None:
    source = """
import json, resource, sys
from tests.factories.markup_child import judge
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for line in sys.stdin:
    judge(json.loads(line))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024)
"""
    markup = [of_size(kind, size) for kind in KINDS for size in (30_000, 101_000, LARGEST_REQUEST)]
    lines = "".join(json.dumps(each) + "\n" for each in markup)
    done = subprocess.run([sys.executable, "-c", source], input=lines, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 100
