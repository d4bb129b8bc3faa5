# SPDX-License-Identifier: MIT
"""kill -9, again and again: no alert lost, none delivered twice but the one in flight, and that with the same id.

Each round publishes news, starts picketd and kills it, half of the rounds at a random moment, half at a named point
(base/crash.h), while feeds answer 304, pages and webhooks fail at random. Between rounds "time passes": the kept times
are moved back. In the end all faults are off, and what was published is held against what arrived. $PICKET_CRASH_ROUNDS
and $PICKET_CRASH_SEED choose how long and which; the seed of a failing run is printed."""

import collections
import os
import random
import signal
import time
import unittest

from harness import BUILD, FILLER, WRAPPER, Answer, PicketTest, Receiver, Server, item, page, rss

# Under Valgrind a picketd is hardly up when it is killed; a few rounds show whether memory is in order.
ROUNDS = int(os.environ.get("PICKET_CRASH_ROUNDS", "5" if WRAPPER else "200"))
POINTS = ("before-commit", "after-commit", "before-send", "after-send", "before-done", "before-page")
CRASHING = BUILD / "crash" / "picketd"
N_FEEDS = 4
SINKS = ("one", "two")
# A sink's yes and the commit of it lie milliseconds apart; a kill later than this after the yes excuses no repeat.
IN_FLIGHT_SECONDS = 0.5 if not WRAPPER else 5.0


class Paper(Server):
    """Feeds that grow, and pages that fail as often as not while faults are on."""

    def __init__(self, chance):
        self.chance, self.faults = chance, True
        self.items = [[] for _ in range(N_FEEDS)]
        self.expected = set()
        self.n_stories = 0
        super().__init__(spread=True)

    def publish(self):
        for _ in range(self.chance.randint(1, 3)):
            n, feed = self.n_stories, self.chance.randrange(N_FEEDS)
            self.n_stories += 1
            kind = self.chance.choice(("lead", "lead", "page", "both", "noise"))
            title = {"lead": "KFOR story %d", "page": "KFOR before the talks, story %d", "both": "KFOR and NATO Mission Iraq, story %d",
                     "noise": "Weather of day %d"}[kind] % n
            if kind != "noise":
                self.expected.add(("kfor", title))
            if kind == "both":
                self.expected.add(("iraq", title))
            if kind == "page":          # what the body alone says
                self.expected.add(("summit", title))
            self.items[feed].append((title, "/story/%d" % n, "guid-%d" % n, kind))
            # now and then another feed carries it too
            if self.chance.random() < 0.2:
                self.items[(feed + 1) % N_FEEDS].append((title, "/story/%d?utm_source=other" % n, "other-%d" % n, kind))

    def _next(self, path):
        name, _, rest = path.lstrip("/").partition("/")
        if name == "feed":
            feed = int(rest)
            body = rss(*[item(t, self.url(link), guid, "The lead of this story.", age=60 + i)
                         for i, (t, link, guid, _) in enumerate(self.items[feed])])
            fault = self.chance.choice((None, None, None, "reset-body", "truncate")) if self.faults else None
            return Answer(200, body, content_type="application/rss+xml", etag='"%d-%d"' % (feed, len(self.items[feed])), fault=fault)
        if name == "story":
            if self.faults and self.chance.random() < 0.4:
                return self.chance.choice((Answer(503), Answer(fault="reset"), Answer(500), Answer(429)))
            text = "The Ankara summit.\n%s\nThe Ankara summit, again.\n%s\nThe Ankara summit, at last." % (FILLER, FILLER)
            n = int(rest)
            kind = next((k for items in self.items for _, link, _, k in items if link.partition("?")[0] == "/story/%d" % n), "noise")
            return Answer(200, page(text if kind == "page" else FILLER + "\n" + FILLER), content_type="text/html")
        return super()._next(path)


class Sinks(Receiver):
    """Webhooks that fail, or take a post and lose the answer."""

    def __init__(self, chance):
        self.chance, self.faults = chance, True
        self.taken = collections.defaultdict(list)      # sink: (round, id, (profile, title), was it lost?, when)
        super().__init__()

    def _next(self, path):
        request = self.requests[-1]
        roll = self.chance.random() if self.faults else 1.0
        if roll < 0.15:
            return Answer(500)
        if roll < 0.20:
            return Answer(429, headers={"Retry-After": "1"})
        body = request.json
        # the round is in the address: a post may be read when its sender is dead and the next one runs
        sent_in = int(request.path.partition("?")[2])
        lost = roll < 0.30      # it was taken, and nobody is told
        self.taken[path.strip("/")].append((sent_in, request.id, (body["profile"]["name"], body["story"]["title"]), lost,
                                                        time.monotonic()))
        return Answer(fault="reset") if lost else Answer(200, b"ok")


@unittest.skipUnless(CRASHING.exists(), "no build with crash points (make crash-build)")
class Crash(PicketTest):
    def test_kill(self):
        seed = int(os.environ.get("PICKET_CRASH_SEED", str(random.SystemRandom().randrange(2**31))))
        chance = random.Random(seed)
        paper = self.enterContext(Paper(chance))
        sinks = self.enterContext(Sinks(chance))
        counts, self.killed_at = collections.Counter(), {}

        for n in range(ROUNDS):
            self.configure_round(n, paper, sinks)
            paper.publish()
            self.make_due()
            if n % 2:
                point = chance.choice(POINTS)
                self.round_at(point, chance.randint(1, 4), counts)
            else:
                self.round_random(chance, paper, counts)
            self.killed_at[n] = time.monotonic()

        paper.faults = sinks.faults = False
        self.configure_round(ROUNDS, paper, sinks)
        for _ in range(40):
            self.once()
            if not self.ctl("outbox", "--json").json["deliveries"] and self.pages_wanted() == 0:
                break

        self.check(seed, paper, sinks, counts)

    def configure_round(self, n, paper, sinks):
        self.configure(feeds=[("feed-%d" % f, paper.url("/feed/%d" % f)) for f in range(N_FEEDS)],
                       text="sinks = " + " ".join(SINKS),
                       sinks="".join("[sink %s]\ntype = webhook\nformat = json\nurl = %s?%d\n" % (s, sinks.url("/" + s), n)
                                     for s in SINKS))

    def pages_wanted(self):
        return self.ctl("status", "--json").json["queue"]["pages_wanted"]

    def launch(self, env=None):
        return self.start(program="crash/picketd", env=env)

    def round_at(self, point, nth, counts):
        daemon = self.launch({"PICKET_CRASH_AT": "%s:%d" % (point, nth)})
        try:
            daemon.wait(1.5)
        except Exception:       # it did not come that way this time
            daemon.kill()
            daemon.wait()
            counts["killed elsewhere"] += 1
        else:
            self.assertEqual(daemon.returncode, -signal.SIGKILL, self.log(daemon))
            counts["killed " + point] += 1
        daemon.log.close()

    def round_random(self, chance, paper, counts):
        seen = len(paper.seen())
        daemon = self.launch()
        paper.wait_until(lambda requests: len(requests) > seen)
        # The moment itself, not something waited for: mostly amid the work, now and then when all is long done.
        time.sleep(chance.uniform(1.2, 1.6) if chance.random() < 0.2 else chance.uniform(0, 0.7))
        daemon.kill()
        self.assertEqual(daemon.wait(), -signal.SIGKILL, self.log(daemon))
        counts["killed at random"] += 1
        daemon.log.close()

    def check(self, seed, paper, sinks, counts):
        problems, repeated = [], 0
        for sink in SINKS:
            taken = sinks.taken[sink]
            ids = collections.defaultdict(set)
            for _, ident, what, _, _ in taken:
                ids[what].add(ident)
            for what in sorted(paper.expected - set(ids)):
                problems.append("%s: lost %s" % (sink, what))
            for what in sorted(set(ids) - paper.expected):
                problems.append("%s: nobody expected %s" % (sink, what))
            problems += ["%s: %s came with %d ids" % (sink, what, len(i)) for what, i in ids.items() if len(i) > 1]

            # A repeat is excused when the answer was lost, or was the last of its round and in flight at the kill.
            last = {r: ident for r, ident, _, _, _ in taken}
            answered = {}
            for r, ident, what, lost, when in taken:
                if ident in answered:
                    repeated += 1
                    before_round, before_lost, before_when = answered[ident]
                    idle = self.killed_at.get(before_round, before_when) - before_when
                    if not before_lost and (last[before_round] != ident or idle > IN_FLIGHT_SECONDS):
                        problems.append("%s: %s came again in round %d, after round %d had its answer (killed %.1f s later)"
                                        % (sink, what, r, before_round, idle))
                answered[ident] = (r, lost, when)

        print("\nseed %d: %d rounds (%s); %d stories, %d alerts expected at each of %d sinks, %d posts taken, "
              "%d repeated while in flight" % (seed, ROUNDS, ", ".join("%s: %d" % c for c in sorted(counts.items())), paper.n_stories,
                                               len(paper.expected), len(SINKS), sum(map(len, sinks.taken.values())), repeated))
        self.assertEqual(problems, [], "seed %d" % seed)


class Answered(PicketTest):
    def test_stays_answered(self):
        """What a sink took is durable by itself: no later commit is needed, and a kill long after repeats nothing."""
        paper, sink = self.serve(), self.serve(Receiver)
        paper.route("/feed", body=rss(item("KFOR story", paper.url("/story"), "1")))
        self.configure(feeds=[("paper", paper.url("/feed"), "full-text = never")], receiver=sink.url("/hook"))
        daemon = self.start()
        sink.wait_for(n=1)
        db = self.database()
        self.wait(lambda: db.execute("SELECT state FROM deliveries").fetchall() == [("done",)], "the delivery to be done", daemon)
        daemon.kill()
        daemon.wait()
        self.once()
        self.assertEqual(len(sink.seen()), 1)


if __name__ == "__main__":
    unittest.main()
