"""HTML building blocks of pages that are self-contained: no scripts, embedded figures."""

import base64
import io
from html import escape

from ecg_tf.reports.style import CSS


def document(title, parts, kind=""):
    """Build a complete page.

    Args:
        title: title as plain text.
        parts: pieces of the HTML of the body.
        kind: class of the body in `style.CSS`.

    Returns:
        HTML.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body{class_attribute(kind)}>\n"
        + "<main>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def paragraph(text, kind=""):
    """Build a paragraph of plain text; `kind` is a class in `style.CSS`."""
    return f"<p{class_attribute(kind)}>{escape(text, quote=False)}</p>"


def class_attribute(kind):
    """The class attribute for a class in `style.CSS`; empty for ""."""
    return f' class="{kind}"' if kind else ""


def head_row(cells):
    """Build the first row of a table from plain text; an empty cell heads no column."""
    return (
        "<tr>"
        + "".join(f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in cells)
        + "</tr>"
    )


def named_row(name, cells, kind=""):
    """Build a row of plain text cells with a row header."""
    numbers = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f'<tr{class_attribute(kind)}><th scope="row">{escape(name)}</th>{numbers}</tr>'


def table(name, head, rows, kind=""):
    """Build a table from rows of HTML; it scrolls, also by keyboard, if it is wider than the page.

    Args:
        name: what the table shows, for screen readers.
        head: HTML of the first row.
        rows: HTML of the other rows.
        kind: class of the table in `style.CSS`.
    """
    body = "\n".join(rows)
    return (
        f'<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0">'
        f"<table{class_attribute(kind)}>\n<thead>{head}</thead>\n"
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def svg(figure):
    """Render a matplotlib figure as SVG; equal figures give equal bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def embedded(figure, description, caption="", kind=""):
    """Embed a figure as an SVG in a data URI, so that IDs of different figures cannot clash."""
    source = base64.b64encode(svg(figure)).decode("ascii")
    caption = f"\n<figcaption>{escape(caption, quote=False)}</figcaption>" if caption else ""
    return (
        f'<figure{class_attribute(kind)}><img alt="{escape(description)}" '
        f'src="data:image/svg+xml;base64,{source}">{caption}</figure>'
    )
