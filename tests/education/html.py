"""Reads a page as a browser would, but forgives nothing."""

import html5lib


def parse(response):
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(response.content, transport_encoding="utf-8")


def text(element):
    return " ".join("".join(element.itertext()).split())


def by_class(tree, name):
    return [element for element in tree.iter() if name in element.get("class", "").split()]
