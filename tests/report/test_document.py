"""A page of text that is made of sections: one is written from runs, and the others stay."""

from __future__ import annotations

import sys

import pytest

from simulation.report import blocks
from simulation.report.document import put_sections, write_from_runs


@pytest.fixture
def write(monkeypatch, tmp_path):
    """Writes a section by a command line; what was asked for, if it came to that."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        seen = []

        def sections(*asked: float) -> list[blocks.Section]:
            seen.append(asked)
            return [blocks.Section("key", "A section", blocks.paragraphs(f"of {asked[0]}"))]

        monkeypatch.setattr(sys, "argv", ["program", *words])
        write_from_runs(["key"], sections, 3, 0.25)
        return seen[0]

    return call


def test_a_section_is_made_of_as_many_sets_as_are_asked_for(write, capsys):
    assert write() == (3, 0.25, 2)
    assert "of 3" in capsys.readouterr().out
    assert write("--sets", "1", "--scale", "0.5", "--workers", "4") == (1, 0.5, 4)


def test_its_page_is_replaced_and_what_stands_around_it_stays(write, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Mine\n\nBefore.\n", encoding="utf-8")
    write("--document", "page.md")
    first = page.read_text(encoding="utf-8")
    assert first.startswith("# Mine\n\nBefore.\n")
    assert "of 3" in first
    page.write_text(first + "\nAfter.\n", encoding="utf-8")
    write("--document", "page.md", "--sets", "7")
    assert page.read_text(encoding="utf-8") == first.replace("of 3", "of 7") + "\nAfter.\n"


def test_the_first_page_has_the_result_of_each_section_in_their_order(tmp_path):
    page = tmp_path / "page.md"

    def put(**results):
        put_sections(
            page,
            [
                blocks.Section(key, key.title(), blocks.paragraphs("Long."), short=text)
                for key, text in results.items()
            ],
        )
        text = page.read_text(encoding="utf-8")
        short = text[text.index("## In short") : text.index("<!-- end: in-short -->")]
        assert text.index("## In short") < text.index("Long.")
        return [line for line in short.splitlines() if line.startswith("- ")]

    assert [line.split(" <!--")[0] for line in put(one="First.", silent="")] == [
        "- **One.** First."
    ]
    both = put(two="Second.")
    assert [line.split(".**")[0] for line in both] == ["- **One", "- **Two"]
    assert put(one="Anew.") == [both[0].replace("First", "Anew"), both[1]]


@pytest.mark.parametrize(("words", "said"), [
    (("--sets", "0"), "--sets: too few (given: 0"),
    (("--workers", "0"), "--workers: too few (given: 0"),
    (("--scale", "0"), "scale"), (("--document", "page.txt"), "page.txt"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_before_a_run(write, capsys, tmp_path, words, said):
    with pytest.raises(SystemExit) as ended:
        write(*words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
