"""How the pages become a site: uv run --group docs sphinx-build -W docs build/site."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from pygments.lexers.special import TextLexer

import simulation
from simulation.parameters import load_records
from simulation.parameters.document import page_tables

project = "crossings"
author = "the crossings project"
language = "en_GB"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["img"]

# links are written as a code host makes them: page.md#words-of-the-heading
myst_heading_anchors = 5
# equations too: $...$ in a sentence, and blocks of ```math
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_fence_as_directive = ["math"]
html_math_renderer = "mathml"

# the reference of functions, from docstrings of Google style
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
default_role = "code"

html_theme = "furo"
html_title = "crossings"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False


def contents(index: str) -> str:
    """The table of contents: the headings of the first page, and the pages linked below each.

    So the list beside the pages and the first page cannot differ, and a page that the first page
    does not name is an error of the build.
    """
    lines: list[str] = []
    seen = set()
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        caption, _, text = section.partition("\n")
        pages = []
        for page in re.findall(r"\]\(([\w-]+)\.md\)", text):
            if page not in seen:
                seen.add(page)
                pages.append(page)
        if pages:
            options = [f":caption: {caption}", ":hidden:", ":titlesonly:"]
            lines += ["```{toctree}", *options, "", *pages, "```", ""]
    return "\n".join(lines)


def titled(text: str) -> str:
    """Links whose words are the name of a file, such as [fit.md](fit.md), get the page's title."""
    return re.sub(r"\[[\w-]+\.md\]\(([\w-]+\.md(#[\w-]+)?)\)", r"[](\1)", text)


def reference() -> str:
    """What the docstrings of the public functions and classes say, as directives of Sphinx."""
    public = {name: getattr(simulation, name) for name in sorted(simulation.__all__)}
    classes = [name for name, thing in public.items() if inspect.isclass(thing)]
    functions = [name for name, thing in public.items() if callable(thing) and name not in classes]
    parts = []
    for heading, kind, names in (
        ("Functions", "function", functions),
        ("Results", "class", classes),
    ):
        directives = [f".. auto{kind}:: simulation.{name}" for name in names]
        parts += [f"## {heading}", "```{eval-rst}", "\n\n".join(directives), "```"]
    return "\n\n".join(parts)


def one_title(text: str) -> str:
    """A page with several headings of the first level: all but its title go one down."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    if sum(len(re.findall(r"^# ", part, re.MULTILINE)) for part in parts[::2]) < 2:
        return text
    parts[::2] = [re.sub(r"^(#+ )", r"#\1", part, flags=re.MULTILINE) for part in parts[::2]]
    return "".join(parts).replace("## ", "# ", 1)


def by_scheme(text: str) -> str:
    """A picture in light colours that there is in dark ones too is followed by that one."""

    def both(picture: re.Match[str]) -> str:
        light = picture[0]
        dark = light.replace("-light.png", "-dark.png")
        if not (Path(__file__).parent / "img" / f"{picture[1]}-dark.png").exists():
            return light
        return f"{light}{{.only-light}}\n{dark}{{.only-dark}}"

    return re.sub(r"!\[[^]]*\]\(img/([\w-]+)-light\.png\)", both, text)


def prepare(app: Any, page: str, source: list[str]) -> None:
    """Complete links and pictures, and put at the end of pages what is made from the code."""
    source[0] = one_title(titled(by_scheme(source[0])))
    if page == "index":
        source[0] += "\n\n" + contents(source[0])
    if page == "reference":
        source[0] += "\n\n" + reference()
    if page == "parameters":
        source[0] += "\n\n" + page_tables(load_records())


def write_math(page: Any, node: nodes.math | nodes.math_block) -> None:
    """An equation as MathML, which browsers show by themselves: no script, no other host."""
    block = isinstance(node, nodes.math_block)
    equation = tex2mathml(node.astext(), as_block=block)
    page.body.append(f'<div class="equation">{equation}</div>' if block else equation)
    raise nodes.SkipNode


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (write_math, None), (write_math, None))
    app.connect("source-read", prepare)
    app.add_lexer("csv", TextLexer)
