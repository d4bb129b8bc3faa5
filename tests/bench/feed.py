# SPDX-License-Identifier: MIT
"""How fast are feeds read? Picket's parser beside others, in one run, on feeds that are made here.

    python3 tests/bench/feed.py [--build build] [--megabytes 50] [--feeds 1000] [--rounds 3] [--flat 1000]

Four measurements: one large feed; many typical ones, 20 to 100 KB each, by one process, as the daemon reads them; some of
these with a process for each, so that what starting a program costs is in it; and, with --flat, peak memory while the feed
grows to that many megabytes. What counts is CPU seconds (user and system) as wait4() tells them, the best of some
rounds, for machines are shared. xmllint builds nothing and keeps nothing: it is the limit that the others are held to.
python3-feedparser and sfeed take part when they are installed.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

EACH_FEEDS_MAX = 200  # with a process for each
SLOW_FEEDS_MAX = 100  # of one that needs minutes for all
WORDS = {
    "en": """the of and to in that was for on are with as they at be this from have or by one had not but what all were when
        we there can an your which their said if do will each about how up out them then she many some so these would other
        mission brigade minister summit alliance border patrol agreement parliament statement exercise region capital""",
    "tr": """ve bir bu için çok daha olarak sonra kadar gibi olan ile değil büyük yeni güvenlik zirve başkan bakan açıklama
        görüşme ülke bölge toplantı ittifak sınır şehir türkiye ankara savunma kuvvet görev barış anlaşma seçim""",
    "sr": """и у је на да се за од са као који што није било сматра председник влада министар безбедност граница мисија
        снаге споразум народ савет изјава север југ општина избори полиција пут страна мир разговори састанак""",
    "de": """der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat
        dass sie nach wird bei einer um am sind noch wie über so zum war haben nur oder aber vor Präsident Übung""",
}
INLINE = ("<b>%s</b>", "<em>%s</em>", '<a href="https://www.example.org/thema/%s?ref=feed&amp;n=1" rel="nofollow">mehr</a>',
          '<img src="/images/%s.jpg" alt="" width="640" height="360" />', "%s&nbsp;&ndash; ", "&ldquo;%s&rdquo; ", "%s&#8217;s ")


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.n = 0

    def words(self, language, n):
        return " ".join(self.random.choices(WORDS[language].split(), k=n))

    def html(self, language, n_words):
        parts = []
        while n_words > 0:
            n = min(n_words, self.random.randint(20, 60))
            n_words -= n
            inline = "".join(self.random.choice(INLINE) % self.random.choice(WORDS[language].split())
                             for _ in range(self.random.randint(0, 2)))
            parts.append("<p>%s. %s %s.</p>\n" % (self.words(language, n // 2), inline, self.words(language, n - n // 2)))
        return "".join(parts)

    @staticmethod
    def escape(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def date(self):
        day = "%02d" % self.random.randint(1, 28)
        clock = "%02d:%02d:%02d" % (self.random.randint(0, 23), self.random.randint(0, 59), self.random.randint(0, 59))
        return "Fri, %s Feb 2026 %s +0100" % (day, clock), "2026-02-%sT%s+01:00" % (day, clock)

    def item(self, form, language, n_words):
        self.n += 1
        link = "https://www.example.org/%s/2026/02/%d-report?utm_source=rss&amp;utm_medium=feed" % (language, self.n)
        mail, iso = self.date()
        title = self.words(language, 9)
        lead = self.escape(self.html(language, 40))
        full = self.html(language, n_words) if n_words else ""
        if form == "atom":
            return ('  <entry>\n    <id>tag:example.org,2026:%d</id>\n    <title type="html">%s</title>\n'
                    '    <link rel="alternate" type="text/html" href="%s"/>\n    <published>%s</published>\n'
                    '    <updated>%s</updated>\n    <author><name>A. Writer</name></author>\n'
                    '    <category term="world"/>\n    <summary type="html">%s</summary>\n'
                    '    <content type="html">%s</content>\n  </entry>\n'
                    % (self.n, title, link, iso, iso, lead, self.escape(full)))
        content = "    <content:encoded><![CDATA[%s]]></content:encoded>\n" % full if full else ""
        if form == "rdf":
            return ('  <item rdf:about="%s">\n    <title>%s</title>\n    <link>%s</link>\n    <description>%s</description>\n'
                    '    <dc:date>%s</dc:date>\n    <dc:creator>A. Writer</dc:creator>\n%s  </item>\n'
                    % (link, title, link, lead, iso, content))
        return ('    <item>\n      <title>%s</title>\n      <link>%s</link>\n      <guid isPermaLink="false">%d@example.org</guid>\n'
                '      <pubDate>%s</pubDate>\n      <dc:creator><![CDATA[A. Writer]]></dc:creator>\n'
                '      <category><![CDATA[world]]></category>\n      <description>%s</description>\n%s'
                '      <media:content url="https://img.example.org/%d.jpg" type="image/jpeg" medium="image"/>\n    </item>\n'
                % (title, link, self.n, mail, lead, content, self.n))

    @staticmethod
    def head(form, language):
        if form == "atom":
            return ('<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="%s">\n'
                    '  <title>Example</title>\n  <id>tag:example.org,2026:feed</id>\n  <updated>2026-02-20T06:30:00Z</updated>\n'
                    '  <link href="https://www.example.org/"/>\n' % language)
        if form == "rdf":
            return ('<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
                    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
                    'xmlns:content="http://purl.org/rss/1.0/modules/content/">\n  <channel rdf:about="https://www.example.org/">\n'
                    '    <title>Example</title>\n    <link>https://www.example.org/</link>\n    <description>News</description>\n'
                    '  </channel>\n')
        return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
                'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">\n  <channel>\n'
                '    <title>Example</title>\n    <link>https://www.example.org/</link>\n    <description>News</description>\n'
                '    <language>%s</language>\n    <ttl>30</ttl>\n' % language)

    @staticmethod
    def foot(form):
        return {"atom": "</feed>\n", "rdf": "</rdf:RDF>\n", "rss": "  </channel>\n</rss>\n"}[form]

    def feed(self, form, language, n_bytes, with_content):
        """The bytes of a feed of about that size, in pieces."""
        yield self.head(form, language).encode()
        while n_bytes > 0:
            piece = self.item(form, language, self.random.randint(150, 500) if with_content else 0).encode()
            n_bytes -= len(piece)
            yield piece
        yield self.foot(form).encode()


def make_large(path, megabytes):
    maker = Maker(1)
    with open(path, "wb") as f:
        f.writelines(maker.feed("rss", "en", megabytes * 1000000, True))


def make_typical(folder, n):
    maker = Maker(2)
    paths = []
    for i in range(n):
        form = ("rss", "rss", "rss", "atom", "rdf")[i % 5]
        language = ("en", "tr", "sr", "de")[i // 5 % 4]
        paths.append(os.path.join(folder, "%03d-%s-%s.xml" % (i, form, language)))
        with open(paths[-1], "wb") as f:
            f.writelines(maker.feed(form, language, maker.random.randint(20000, 100000), i % 3 > 0))
    return paths


def run(argv, stdin=None):
    """CPU seconds and peak KiB of one process; None when it fails."""
    with open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(argv, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        return None
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def best(commands, rounds):
    """The fewest CPU seconds that all @commands took in a round, and the highest peak."""
    fewest, peak = None, 0
    for _ in range(rounds):
        seconds = 0.0
        for argv, stdin in commands:
            result = run(argv, stdin)
            if result is None:
                return None
            seconds += result[0]
            peak = max(peak, result[1])
        fewest = seconds if fewest is None else min(fewest, seconds)
    return fewest, peak


FEEDPARSER = "import sys, feedparser\nfor path in sys.argv[1:]:\n    feedparser.parse(open(path, 'rb').read())\n"


class Contestant:
    """What reads feeds: @stdin: one feed, from there; @slow: not worth many rounds or files."""

    def __init__(self, name, argv, stdin=False, slow=False):
        self.name, self.argv, self.stdin, self.slow = name, argv, stdin, slow

    def commands(self, paths, together):
        if together:
            return None if self.stdin else [(self.argv + paths, None)]
        return [(self.argv if self.stdin else self.argv + [path], path if self.stdin else None) for path in paths]


def contestants(build):
    found = [Contestant("xmllint --sax --noout", ["xmllint", "--sax", "--noout"]),
             Contestant("picketctl parse", [os.path.join(build, "picketctl"), "parse"])]
    if shutil.which("sfeed"):
        found.append(Contestant("sfeed", ["sfeed"], stdin=True))
    else:
        print("sfeed is not installed, skipped")
    if subprocess.run(["/usr/bin/python3", "-c", "import feedparser"], stderr=subprocess.DEVNULL).returncode == 0:
        found.append(Contestant("python3-feedparser", ["/usr/bin/python3", "-c", FEEDPARSER], slow=True))
    else:
        print("python3-feedparser is not installed, skipped")
    return found


def n_items(paths):
    n = 0
    for path in paths:
        with open(path, "rb") as f:
            n += sum(line.lstrip().startswith((b"<item", b"<entry>")) for line in f)
    return n


def table(title, found, paths, rounds, together=False):
    n_bytes = sum(os.path.getsize(path) for path in paths)
    print("\n%s: %d files, %.1f MB, %d items" % (title, len(paths), n_bytes / 1e6, n_items(paths)))
    print("| %-24s | CPU s   | MB per CPU s | items per CPU s | of xmllint | peak MiB |" % "")
    print("|%s|---------|--------------|-----------------|------------|----------|" % ("-" * 26))
    limit = None
    for contestant in found:
        some = paths[:SLOW_FEEDS_MAX] if contestant.slow else paths
        commands = contestant.commands(some, together)
        if commands is None:
            continue
        result = best(commands, 1 if contestant.slow else rounds)
        if result is None:
            print("| %-24s | failed  |" % contestant.name)
            continue
        seconds, peak = result
        rate = sum(os.path.getsize(path) for path in some) / 1e6 / seconds
        limit = limit or rate
        print("| %-24s | %7.3f | %12.1f | %15.0f | %10.3f | %8.1f |"
              % (contestant.name, seconds, rate, n_items(some) / seconds, rate / limit, peak / 1024))
        sys.stdout.flush()


def flat(build, megabytes):
    """Peak memory while a feed of up to @megabytes goes through a pipe."""
    print("\nPeak memory by the feed's size, through a pipe")
    size = 1
    while size <= megabytes:
        process = subprocess.Popen([os.path.join(build, "picketctl"), "parse", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL)
        maker, left = Maker(3), size * 1000000
        block = b"".join(maker.item("rss", "en", 300).encode() for _ in range(400))
        process.stdin.write(maker.head("rss", "en").encode())
        while left > 0:
            process.stdin.write(block)
            left -= len(block)
        process.stdin.write(maker.foot("rss").encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        print("  %5d MB: %6.1f MiB, %7.2f CPU s%s" % (size, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime,
                                                    "" if process.returncode == 0 else ", failed"))
        sys.stdout.flush()
        size *= 10


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flat", type=int, default=100, help="megabytes, up to 1000; 0: leave it out")
    parser.add_argument("--keep", help="a folder for the feeds, which stay there")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="picket-bench-") as temporary:
        folder = arguments.keep or temporary
        os.makedirs(folder, exist_ok=True)
        large = os.path.join(folder, "large.xml")
        make_large(large, arguments.megabytes)
        typical = make_typical(folder, arguments.feeds)

        found = contestants(arguments.build)
        table("One large feed", found, [large], arguments.rounds)
        table("Many typical feeds, in one process", found, typical, arguments.rounds, together=True)
        table("Some of them, a process for each", found, typical[:EACH_FEEDS_MAX], arguments.rounds)
        if arguments.flat > 0:
            flat(arguments.build, arguments.flat)


if __name__ == "__main__":
    main()
