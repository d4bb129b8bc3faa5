# SPDX-License-Identifier: MIT
"""Hostile feeds and pages too large to be kept, made as the test runs: what is over a limit is cut with a warning, what is
healthy before and behind it counts, and time and memory stay bounded."""

import json
import re
import unittest

from harness import PLAIN_BUILD, PicketTest

MIB = 1024 * 1024
# What is measured begins with what this process had when it forked.
PEAK_BYTES_MAX = 200 * MIB
# What could steer a terminal, or turn the direction of what follows.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

BEFORE, AFTER = ("<item><title>%s</title><guid>%s</guid></item>" % (t, t) for t in ("Before", "After"))
J_BEFORE, J_AFTER = ('{"id": "%s", "title": "%s"}' % (t, t) for t in ("Before", "After"))


def feed(middle, head="<?xml version='1.0'?>", root=""):
    return "%s<rss version='2.0'%s><channel><title>T</title>%s\n%s\n%s</channel></rss>" % (head, root, BEFORE, middle, AFTER)


def json_feed(middle):
    return '{"version": "https://jsonfeed.org/version/1.1", "items": [%s,\n%s,\n%s]}' % (J_BEFORE, middle, J_AFTER)


def in_item(middle):
    return feed("<item><title>Middle</title>%s</item>" % middle)


def numbered(pattern, n):
    return "".join(pattern % i for i in range(n))


FEEDS = {
    "many attributes of the root": lambda: feed("", root=numbered(" a%d='1'", 200000)),
    "many namespaces of the root": lambda: feed("", root=numbered(" xmlns:n%d='u'", 200000)),
    "many attributes": lambda: in_item("<a%s/>" % numbered(" a%d='1'", 200000)),
    "many names": lambda: in_item(numbered("<n%d/>", 200000)),
    "many categories": lambda: in_item(numbered("<category>c%d</category>", 200000)),
    "many tiny items": lambda: feed("<item/>" * 200000),
    "depth": lambda: in_item("<a>" * 100000 + "</a>" * 100000),
    "depth of many names, left open": lambda: in_item(numbered("<n%d>", 100000)),
    "depth between items, left open": lambda: feed("<a>" * 100000),
    "depth of escaped markup": lambda: in_item("<description>%s</description>" % ("&lt;b&gt;" * 100000)),
    "bases": lambda: in_item(numbered("<a xml:base='d%d/'>", 10000) + "<link>x</link>"),
    "a long text": lambda: in_item("<description>%s</description>" % ("A" * 12 * MIB)),
    "a long comment": lambda: in_item("<!--%s-->" % ("A" * 12 * MIB)),
    "a long attribute": lambda: in_item("<enclosure url='%s'/>" % ("A" * 12 * MIB)),
    "comments left open": lambda: in_item("<!--" * 100000),
    "declarations left open": lambda: in_item("<![IGNORE[" * 100000),
    "CDATA left open": lambda: in_item("<description>%s" % ("<![CDATA[" * 100000)),
    "the root's end in an item": lambda: in_item("</rss>" * 100000),
    "bare signs": lambda: in_item("<description>%s</description>" % ("<" * 100000 + "&" * 100000 + "]]>" * 100000)),
    "a name of an entity": lambda: in_item("<description>&%s;</description>" % ("a" * MIB)),
    "declared entities": lambda: feed("", head="<!DOCTYPE rss [%s]>" % numbered("<!ENTITY e%d 'x'>", 100000)),
    "a long address": lambda: in_item("<link>https://example.org/%s</link>" % ("../" * 400000)),
    "a long date": lambda: in_item("<pubDate>%s</pubDate>" % ("Mon, " * 300000)),
    "JSON depth": lambda: json_feed('{"x": %s1%s}' % ("[" * 100000, "]" * 100000)),
    "JSON members": lambda: json_feed("{%s}" % ", ".join('"k%d": 1' % i for i in range(100000))),
    "JSON text": lambda: json_feed('{"title": "Middle", "content_text": "%s"}' % ("A" * 12 * MIB)),
    "JSON nulls": lambda: json_feed(", ".join(["null"] * 100000)),
    "JSON number": lambda: json_feed('{"title": "Middle", "x": 1e999999, "date_published": 1%s}' % ("0" * MIB)),
    "JSON surrogates": lambda: json_feed('{"title": "Middle\\ud800\\udc00\\ud800", "tags": ["\\udfff\\u001b[31m"]}'),
}

PARAGRAPH = "<p>%s</p>" % ("The troops went north on Tuesday, said the ministry, and the road was closed for hours. " * 8)
# Each stands between two paragraphs.
PAGES = {
    "attributes": lambda: "<p %s>" % numbered("a%d=1 ", 300000),
    "attributes without values": lambda: "<p %s>" % numbered("a%d ", 300000),
    "attributes behind a stray quote": lambda: "<p \"x='a %s>" % numbered("a%d ", 300000),
    "attributes behind '='": lambda: "<p ='a %s>" % numbered("a%d ", 300000),
    "attributes behind a stray '/'": lambda: "<p b=c /x='a %s>" % numbered("a%d ", 300000),
    "depth": lambda: "<div>" * 100000,
    "text": lambda: "A" * 8 * MIB,
    "JSON-LD depth": lambda: "<script type='application/ld+json'>%s</script>" % ("[" * 100000),
}


class HostileFeeds(PicketTest):
    def run_bounded(self, stdin, *arguments):
        result = self.run_measured("picketctl", *arguments, "-", stdin=stdin.encode())
        self.assertEqual(result.status, 0, result.stderr[:1000])
        self.assertIsNone(STEERING.search(result.stdout))
        if PLAIN_BUILD:
            self.assertLess(result.peak_bytes, PEAK_BYTES_MAX)
            self.assertLess(result.seconds, 8)
        return result

    def test_feeds(self):
        for name, make in FEEDS.items():
            with self.subTest(name):
                read = json.loads(self.run_bounded(make(), "parse").stdout)
                titles = [i["title"] for i in read["items"]]
                self.assertEqual((titles[0], titles[-1]), ("Before", "After"))
                self.assertLess(len(read["warnings"]), 100)

    def test_pages(self):
        for name, make in PAGES.items():
            with self.subTest(name):
                text = "<html><body><article>%s%s%s</article></body></html>" % (PARAGRAPH, make(), PARAGRAPH)
                self.assertIn("The troops", self.run_bounded(text, "article", "--json").stdout)


if __name__ == "__main__":
    unittest.main()
