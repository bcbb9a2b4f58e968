"""What readers see of a post is what was composed, whatever an employer wrote; LinkedIn's parser is the emulator's."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.emulators.linkedin.little_text import parse
from worker.contracts.channels import Post
from worker.providers.linkedin import payloads

TEXTS = st.text(st.one_of(st.sampled_from("\\|{}@[]()<>#*_~ \n#"), st.characters(codec="utf-8")))
WORDS = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=20)


@given(TEXTS, st.lists(WORDS, max_size=5))
@example(
    "Comptable (H/F) [CDI]\n{hashtag|\\#|x} @[Exemple](urn:li:organization:1) https://x.org/a_b?ref=p-7", ["Emploi"]
)
@example("C# \\ C\\# \\\\(", ["Développement", "मजदूर"])
def test_the_text_that_is_shown_is_the_text_that_was_composed(text: str, words: list[str]) -> None:
    post = Post(text, tuple(words), "https://x.org/?ref=p-7", "Comptable (H/F)", "", "fr")
    commentary = json.loads(payloads.body(post, "urn:li:organization:7"))["commentary"]
    shown = parse(commentary)
    assert shown.visible == post.visible
    assert not shown.cut
    assert shown.mentions == ()
