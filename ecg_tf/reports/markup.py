"""The HTML that pages are put together from: no script, nothing fetched, pictures inside."""

import base64
import io
from html import escape

from ecg_tf.reports.style import CSS


def document(title, parts):
    """A whole page.

    Args:
        title: its title, as text.
        parts: the HTML of its body, in pieces.

    Returns:
        str, HTML.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def paragraph(text, kind=""):
    """A paragraph of plain text; `kind` is its class in `style.CSS`."""
    return f"<p{class_attribute(kind)}>{escape(text, quote=False)}</p>"


def class_attribute(kind):
    """The attribute of a class of `style.CSS`, nothing for none."""
    return f' class="{kind}"' if kind else ""


def table_row(tag, cells):
    """A row of plain cells, each a `tag`: th or td."""
    return "<tr>" + "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"


def named_row(name, cells, kind=""):
    """A row of plain cells under a name."""
    numbers = "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
    return f'<tr{class_attribute(kind)}><th scope="row">{escape(name)}</th>{numbers}</tr>'


def table(head, rows, kind=""):
    """A table of rows of HTML, which scrolls where it is wider than the page."""
    body = "\n".join(rows)
    return (
        f'<div class="wide"><table{class_attribute(kind)}>\n<thead>{head}</thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def svg(figure):
    """A matplotlib figure as SVG; the same picture is the same bytes."""
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()


def embedded(figure, description, caption="", kind=""):
    """A picture inside the page: an SVG in a data URI, so that its names cannot clash."""
    source = base64.b64encode(svg(figure)).decode("ascii")
    caption = f"\n<figcaption>{escape(caption, quote=False)}</figcaption>" if caption else ""
    return (
        f'<figure{class_attribute(kind)}><img alt="{escape(description)}" '
        f'src="data:image/svg+xml;base64,{source}">{caption}</figure>'
    )
