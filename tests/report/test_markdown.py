"""Text of a user on a page of Markdown."""

from __future__ import annotations

import pytest

from simulation.report.markdown import code, escape

#: texts that stay the same
ORDINARY = (
    "What has happened: sharing as it is, and the dated policies of 2021 to 2024",
    'Half-time, "full" & more: UK>RS at 50% (a_b), 100! #3 - it\'s one + one',
    "Brücken, Übergänge; ~5 days",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *zip(ORDINARY, ORDINARY, strict=True),
        ("<!-- end: fit -->", "&lt;!-- end: fit -->"),
        ("&lt;b>", "&amp;lt;b>"),
        ("*a* _b_ `c`", r"\*a\* \_b\_ \`c\`"),
        ("![a](b) | c \\", r"!\[a\](b) \| c \\"),
        ("~~a~~", r"\~\~a\~\~"),
    ],
)
def test_markup_is_shown_and_not_followed(text, shown):
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("crossings fit", "`crossings fit`"),
        ("a `b` ``c``", "``` a `b` ``c`` ```"),
        ("`a", "`` `a ``"),
        ("a\n\nb", "`a  b`"),
    ],
)
def test_a_span_of_code_ends_where_its_text_does(text, span):
    assert code(text) == span
