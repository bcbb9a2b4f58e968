"""What a body is stored as: the main web app shows it as a page."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.markup import Structure
from worker.services.email.templating import storing

SCHEMES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&#1;javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "d&#97;ta:text/html;base64,PHNjcmlwdD4=",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
    "blob:https://example.com/x",
    "//example.net\\@javascript:alert(1)",
]
RUNNING = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    "<script",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    '<img src="x"onerror=alert(1)>',
    "<p onclick='x()'>a</p>",
    "<svg onload=alert(1)>",
    "<svg><a xlink:href='javascript:alert(1)'>a</a></svg>",
    "<math href='javascript:alert(1)'>a</math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action='javascript:alert(1)'><button>a</button></form>",
    "<base href='javascript:'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script>-->",
    "<![CDATA[><script>alert(1)</script>]]>",
    "<?x ><script>alert(1)</script>?>",
    "<style></style><script>alert(1)</script>",
    "<style><!--</style><script>alert(1)</script>-->",
    "<title></title><script>alert(1)</script>",
    "<p title='</p><script>alert(1)</script>'>a</p>",
    "<a href='x' href='javascript:alert(1)'>a</a>",
    "<p style='background:url(javascript:alert(1))'>a</p>",
    "<p style='width:expr/**/ession(alert(1))'>a</p>",
    "<p style='-moz-binding:url(x)'>a</p>",
    "<p style='behavior:url(x)'>a</p>",
    "<style>@import 'https://example.net/x.css';</style>",
    "<style>p{background:u\\72l(https://example.net)}</style>",
    "<a/href=javascript:alert(1)>a</a>",
    "<x onmouseover=alert(1)>a</x>",
    "</p onclick=x>",
    "<p\u00a0title='x onmouseover=alert(1) y'>a</p>",
    "<p\x0btitle='x onmouseover=alert(1) y'>a</p>",
    "<p\u2003title='x onmouseover=alert(1) y'>a</p>",
    "<p title='a'\x1ftitle='x onmouseover=alert(1) y'>a</p>",
    "<style></\u017ftyle>@import 'https://example.net/x.css';",
    "<p style='background:&#0000000117;rl(https://example.net/x)'>a</p>",
    "<p style='background:&#x000000075rl(https://example.net/x)'>a</p>",
]
TAGS = {"a", "p", "b", "span", "div", "img", "style"}


def judge(page: str) -> None:
    """Nothing in a page that runs, loads or leads to a scheme but these."""
    found = Structure(page)
    assert {tag[0].lstrip("/") for tag in found.tags} <= TAGS
    assert not any(name.startswith(("on", "srcdoc", "action", "xlink")) for tag in found.tags for name in tag[1:])
    allowed = ("http://", "https://", "mailto:", "tel:", "www.", "{", "/", "#", "?", "cid:")
    assert all(each.strip().lower().startswith(allowed) for each in found.addresses if each)
    styles = " ".join((*found.styles, *re.findall(r"<style>([^<]*)", page))).lower()
    assert not any(word in styles for word in ("url(", "binding", "behavior", "@import", "\\", "/*"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_no_link_runs_anything(scheme: str, quote: str) -> None:
    stored = storing.as_page(f"<p>a <a href={quote}{scheme}{quote}>b</a></p>")
    judge(stored)
    assert "<p>a <a" in stored


@pytest.mark.parametrize("running", RUNNING)
def test_what_would_run_is_taken_out_and_refused_in_plain_text(running: str) -> None:
    judge(storing.as_page(f"<p>avant</p>{running}"))
    assert storing.risky(f"Bonjour {running}")


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from([*RUNNING, *SCHEMES, "<p>", "</p>", "<a href='", "'>", '"', ">", "<", "<!--", "-->"])))
def test_pieces_of_what_would_run_do_not_run_together(pieces: list[str]) -> None:
    body = "".join(pieces)
    judge(storing.as_page(body))


@pytest.mark.parametrize(
    "body",
    [
        "<p>Bonjour {candidate_first_name},</p>",
        "Bonjour & bienvenue &eacute; 5 < 6 > 4",
        "<p class=\"a\" style='color:red'>x<br/>y</p><!-- a -->",
        '<a href="https://example.com/?a=1&amp;b={job_title}" target="_blank" rel="noopener">x</a>',
        '<a href="{interview_link}">x</a><a href="mailto:a@example.com">y</a><a href="#x">z</a>',
        "<style>p{color:red} @media screen{p{color:blue}}</style><p>x</p>",
        '<table width="600"><tr><td align="center">x</td></tr></table><img src="https://example.com/a.png" alt="a">',
        "Écrire à Marie <marie@example.com>",
    ],
)
def test_what_is_harmless_is_stored_as_it_is_written(body: str) -> None:
    assert storing.as_page(body) == body
    assert storing.risky(body) is None
