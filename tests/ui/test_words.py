"""User text: whatever Markdown would take for more than text is escaped, and nothing else is touched."""

import re

import pytest

from playground.ui.words import plain

SPECIAL = r"\`*_{}[]()<>#+-.!|~$:&"


@pytest.mark.parametrize("character", SPECIAL)
def test_each_special_character_is_escaped(character):
    assert plain(f"a{character}b") == f"a\\{character}b"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1)) ![b](http://outside.example/x.png)",
        "**bold** _it_ `code` ~~gone~~ # title",
        ":red[coloured] :material/error: :smile:",
        "$\\frac{1}{2}$",
        "&lt;b&gt; &#60;",
        "1. one\\",
        "http://outside.example www.outside.example",
        "größe 日本 x₁ é",
    ],
)
def test_text_is_shown_as_written(text):
    harmless = plain(text)
    assert re.sub(r"\\(.)", r"\1", harmless) == text
    bare = re.sub(r"\\.", "", harmless)  # what is left without the escaped characters
    assert not set(bare) & set(SPECIAL)


def test_plain_text_stays():
    assert plain("class 1, größe 日本") == "class 1, größe 日本"
