"""The pages of the documentation: their code blocks, the commands in them, headings and links."""

import dataclasses
import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *sorted(ROOT.glob("docs/*.md")),
    ]
}

_BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        language: the first word after the fence: sh, python, text or json.
        name: the rest of that line.
        code: the lines between the fences.
    """

    language: str
    name: str
    code: str


def blocks(page):
    """The `Block`s of a page, in order."""
    found = []
    for info, code in _BLOCK.findall(PAGES[page]):
        language, _, name = info.partition(" ")
        found.append(Block(language, name, code))
    return found


def commands(page):
    """The shell commands of a page, in order; see `commands_of`."""
    found = []
    for block in blocks(page):
        if block.language == "sh":
            found += commands_of(block.code)
    return found


def commands_of_comments(path):
    """The commands of ecg_tf in the comments of a recipe."""
    lines = re.findall(r"^#   (ecg_tf .+|    .+)$", path.read_text("utf-8"), re.MULTILINE)
    return commands_of("\n".join(lines) + "\n")


def prose(page):
    """The text of a page without its blocks of code."""
    return _BLOCK.sub("", PAGES[page])


def inline_code(page):
    """The pieces of code between backticks in a page's text."""
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose(page))]


def links(page):
    """The targets of a page's links and pictures."""
    return _LINK.findall(prose(page))


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def commands_of(code):
    """The shell commands of some lines, in order, each on one line without its comment.

    Variables that a command sets are replaced in the commands after it.
    """
    found, variables, pending = [], {}, ""
    for line in code.replace("\\\n", " ").splitlines():
        pending += line + "\n"
        try:
            words = shlex.split(pending, comments=True)
        except ValueError:  # a quotation that goes on in the next line
            continue
        pending = ""
        if len(words) == 1 and re.match(r"\w+=", words[0]):
            name, _, value = words[0].partition("=")
            variables[f"${name}"] = value.split()
        elif words:
            words = [part for word in words for part in variables.get(word, [word])]
            found.append(shlex.join(words))
    return found
