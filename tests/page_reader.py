"""Pages as tests look at them."""

import base64
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

VOID = {"meta", "img", "br"}
DATA = "data:image/svg+xml;base64,"


class Reader(HTMLParser):
    """What a page holds: its text, its pictures, its attributes, and that its tags are balanced."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text, self.attributes = [], [], "", []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def pictures(self):
        sources = [value for _, name, value in self.attributes if name == "src"]
        assert all(source.startswith(DATA) for source in sources)
        return [base64.b64decode(source.removeprefix(DATA)).decode() for source in sources]

    def check_self_contained(self):
        """Nothing is fetched from elsewhere, and nothing runs."""
        assert not {"script", "link", "iframe", "object", "embed", "base"} & set(self.tags)
        names = {name for _, name, _ in self.attributes}
        assert not {"href", "srcset", "style", "background"} & names
        assert not [name for name in names if name.startswith("on")]
        assert "@import" not in self.text
        assert "url(" not in self.text
        for picture in self.pictures():
            for element in ElementTree.fromstring(picture).iter():
                assert element.tag.rpartition("}")[2] not in {"script", "image", "foreignObject"}
                for name, value in element.attrib.items():
                    if name.endswith("href"):
                        assert value.startswith("#")
                    assert not re.search(r"url\((?!#)", value)

    def check_pictures_described(self):
        """Every picture says what it shows."""
        pictures = self.tags.count("img")
        descriptions = [
            text for tag, name, text in self.attributes if (tag, name) == ("img", "alt")
        ]
        assert pictures == len(self.pictures()) == len(set(descriptions))
        assert all(descriptions)
