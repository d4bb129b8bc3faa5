# SPDX-License-Identifier: MIT
"""Picket beside python3-feedparser, field by field, over the corpus of feeds.

    python3 tests/compare.py [--build build] [--all] [FEED...]

Prints where the two read a feed differently (docs/feeds.md says why), and closes with counts by field. What
feedparser leaves to its users (markup in text, absent dates as None) is brought to our form first, so that what is
left is a difference of reading. Needs Debian's python3-feedparser."""

import argparse
import calendar
import collections
import glob
import html
import json
import os
import re
import signal
import subprocess
import sys
import time

try:
    import feedparser
except ImportError:
    sys.exit("compare.py: python3-feedparser is not installed")

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BASE = "https://example.org/feed.xml"
# A feed on which feedparser is not done by then counts as one it hangs on.
PATIENCE = 20


def plain(text):
    """As our text fields are: no markup, references decoded, white space folded."""
    if not text:
        return None
    text = re.sub(r"(?is)<(script|style)\b.*?</\1>", " ", text)
    text = re.sub(r"(?i)</?(p|div|br|li|ul|ol|h[1-6]|tr|td|table|blockquote)\b[^>]*>", " ", text)
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    text = re.sub("[\u00ad\u200b\u2060\ufeff]", "", text)
    return " ".join(text.split()) or None


def date(parsed):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(calendar.timegm(parsed))) if parsed else None


class Hung(Exception):
    pass


def on_alarm(*_):
    raise Hung


def theirs(path):
    with open(path, "rb") as f:
        data = f.read()
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(PATIENCE)
    try:
        d = feedparser.parse(data, response_headers={"content-location": BASE})
    finally:
        signal.alarm(0)
    if not d.version and not d.entries:
        return None
    items = []
    for e in d.entries:
        content = next((c.value for c in e.get("content", []) if c.value), None)
        summary = e.get("summary")
        items.append({
            "id": e.get("id"), "link": e.get("link"), "title": plain(e.get("title")),
            "summary": plain(summary) if summary != content else None, "content": plain(content),
            "authors": [a.get("name") or a.get("email") for a in e.get("authors", []) if a],
            "categories": [t.label or t.term for t in e.get("tags", [])],
            "published": date(e.get("published_parsed")), "updated": date(e.get("updated_parsed")),
            "enclosures": [x.get("href") for x in e.get("enclosures", [])],
        })
    return {"title": plain(d.feed.get("title")), "link": d.feed.get("link"), "language": d.feed.get("language"), "items": items}


def ours(path, build):
    result = subprocess.run([os.path.join(build, "picketctl"), "parse", "--base", BASE, path], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        return None
    d = json.loads(result.stdout)
    for item in d["items"]:
        item["enclosures"] = [e["url"] for e in item["enclosures"]]
    return d


def differences(a, b):
    if a is None or b is None:
        if (a is None) != (b is None):
            yield "read at all", None if a is None else "a feed", None if b is None else "a feed"
        return
    for field in ("title", "link", "language"):
        if a[field] != b[field]:
            yield "feed " + field, a[field], b[field]
    if len(a["items"]) != len(b["items"]):
        yield "number of items", len(a["items"]), len(b["items"])
    for n, (x, y) in enumerate(zip(a["items"], b["items"])):
        for field in y:
            if (x[field] or None) != (y[field] or None):
                yield "item %s" % field, x[field], y[field]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--all", action="store_true", help="print every difference, not three of a field")
    parser.add_argument("feeds", nargs="*")
    options = parser.parse_args()

    feeds = options.feeds or sorted(p for p in glob.glob(os.path.join(ROOT, "tests/corpus/feeds/**/*"), recursive=True)
                                    if os.path.isfile(p) and os.path.exists(os.path.splitext(p)[0] + ".json")
                                    and not p.endswith(".json"))
    counts, equal = collections.Counter(), 0
    for path in feeds:
        try:
            b = theirs(path)
        except Hung:
            print("%s: feedparser is not done after %d s" % (os.path.relpath(path, ROOT), PATIENCE))
            counts["feedparser hangs"] += 1
            continue
        except Exception as e:      # whatever it dies of is a result
            print("%s: feedparser dies: %s: %s" % (os.path.relpath(path, ROOT), type(e).__name__, str(e)[:100]))
            counts["feedparser dies"] += 1
            continue
        found = list(differences(ours(path, options.build), b))
        equal += not found
        for field, x, y in found:
            counts[field] += 1
            if options.all or counts[field] <= 3:
                print("%s: %s\n    Picket:     %s\n    feedparser: %s" % (
                    os.path.relpath(path, ROOT), field, json.dumps(x, ensure_ascii=False)[:160], json.dumps(y, ensure_ascii=False)[:160]))
    print("\n%d feeds, %d read the same. Differences by field:" % (len(feeds), equal))
    for field, n in counts.most_common():
        print("    %4d %s" % (n, field))


if __name__ == "__main__":
    main()
