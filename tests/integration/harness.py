# SPDX-License-Identifier: MIT
"""What the integration tests share: a configuration of their own, the built programs, feeds and stories.

The programs are those of $PICKET_BUILD, run below $PICKET_WRAPPER (Valgrind) when that is set. Tests wait for what a
server saw or a program said; a deadline is only reached by a failure, which then prints what there was.
"""

import ctypes
import email.utils
import html
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import textwrap
import threading
import time
import unittest

from servers import Answer, Receiver, Server  # noqa: F401 (for those who import from here)

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PICKET_BUILD", ROOT / "build")).resolve()
WRAPPER = os.environ.get("PICKET_WRAPPER", "").split()
# Valgrind and sanitizers take memory and time of their own.
PLAIN_BUILD = not WRAPPER and b"__asan_init" not in (BUILD / "picketd").read_bytes()
DEADLINE = 120 if WRAPPER else 60
# A server's clock reads a request some time after picketd began it, and not always as long after: seconds by which a
# distance may seem shorter than it was.
CLOCK_SLACK = 1.5 if WRAPPER else 0.3
CLONE_NEWNET = 0x40000000

PROFILES = """
[profile kfor]
title = KFOR - Kosovo Force
threshold = 10
keyword = 10 KFOR
keyword = 6 Kosovo NEAR/12 (peacekeep* | troop* | NATO)

[profile iraq]
title = NATO Mission Iraq
threshold = 10
keyword = 10 NATO Mission Iraq

[profile summit]
title = Ankara summit
threshold = 10
keyword = 10 Ankara NEAR/6 summit
"""


def rfc822(age=0.0):
    """The date @age seconds ago, as RSS writes it."""
    return email.utils.formatdate(time.time() - age, usegmt=True)


def item(title, link=None, guid=None, summary=None, age=60.0, date=True):
    parts = ["<title>%s</title>" % html.escape(title)]
    if link:
        parts.append("<link>%s</link>" % html.escape(link))
    if guid:
        parts.append('<guid isPermaLink="false">%s</guid>' % html.escape(guid))
    if summary:
        parts.append("<description>%s</description>" % html.escape(summary))
    if date:
        parts.append("<pubDate>%s</pubDate>" % rfc822(age))
    return "<item>%s</item>" % "".join(parts)


def rss(*items, extra=""):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>A feed</title>'
            "<link>https://example.org/</link><description>d</description>%s%s</channel></rss>\n"
            % (extra, "\n".join(items)))


def page(text, title="A page"):
    paragraphs = "".join("<p>%s</p>" % html.escape(p) for p in text.split("\n"))
    return ("<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>%s</title></head><body><nav><a href=/>Home</a>"
            "</nav><article><h1>%s</h1>%s</article></body></html>" % (html.escape(title), html.escape(title), paragraphs))


# A paragraph of a story that says nothing of interest, so that pages are as long as real ones.
FILLER = ("Officials who spoke on condition of anonymity said that no decision had been taken, that talks between the "
          "capitals were going on, and that they expected an answer before the end of the month at the earliest.")


def unshare(what):
    """From here on this thread, and what it starts, has its own mounts or network, if it may."""
    return ctypes.CDLL(None).unshare(what) == 0


class Result:
    def __init__(self, process):
        self.status = process.returncode
        self.stdout = process.stdout.decode("utf-8", "replace")
        self.stderr = process.stderr.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.stdout)

    def __str__(self):
        return "status %d\nstdout: %s\nstderr: %s" % (self.status, self.stdout, self.stderr)


class PicketTest(unittest.TestCase):
    """A folder, a configuration and programs of its own."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="picket-test-")))
        self.config = self.folder / "picket.conf"
        self.state = self.folder / "state"
        self.daemons = []
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "DBUS_"))}
        # a bus that is not there: what works must work without one
        self.environment.update(HOME=str(self.folder), XDG_RUNTIME_DIR=str(self.folder / "run"),
                                DBUS_SESSION_BUS_ADDRESS="unix:path=%s/no-bus" % self.folder,
                                DBUS_SYSTEM_BUS_ADDRESS="unix:path=%s/no-bus" % self.folder)
        (self.folder / "run").mkdir(mode=0o700)
        self.addCleanup(self.stop_all)

    def enterContext(self, manager):        # unittest has it from Python 3.11 on
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def serve(self, kind=Server, **fields):
        return self.enterContext(kind(**fields))

    # --- the configuration ---

    def configure(self, text="", feeds=(), receiver=None, profiles=PROFILES, sinks="", interval="1min", sink="hook"):
        """@feeds: (name, url[, more lines]); @receiver: the address of a webhook sink with format = json."""
        parts = ["[picket]\nstate-directory = %s\nallow-private = yes\ncontact = https://example.org/picket\n"
                 "interval = %s\n%s" % (self.state, interval, "sinks = %s\n" % sink if receiver else ""), text]
        for name, url, *more in feeds:
            parts.append("[feed %s]\nurl = %s\n%s" % (name, url, "\n".join(more)))
        if receiver:
            parts.append("[sink %s]\ntype = webhook\nformat = json\nurl = %s" % (sink, receiver))
        parts += [textwrap.dedent(sinks), profiles]
        self.config.write_text("\n".join(parts), encoding="utf-8")

    # --- the programs ---

    def command(self, program, *arguments):
        return [*WRAPPER, str(BUILD / program), *map(str, arguments)]

    def run_program(self, program, *arguments, stdin=b"", env=None):
        process = subprocess.run(self.command(program, *arguments), input=stdin, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=DEADLINE, cwd=self.folder,
                                 env={**self.environment, **(env or {})}, check=False)
        return Result(process)

    def ctl(self, *arguments, status=0, **fields):
        result = self.run_program("picketctl", "--user", "-c", self.config, *arguments, **fields)
        if status is not None:
            self.assertEqual(result.status, status, str(result))
        return result

    def once(self, status=0, **fields):
        """One picketd --once; everything is due, since kept times are moved back first."""
        self.make_due()
        result = self.run_program("picketd", "--user", "-c", self.config, "--once", **fields)
        if status is not None:
            self.assertEqual(result.status, status, str(result))
        return result

    def run_measured(self, program, *arguments, stdin=b"", env=None):
        """Like run_program(); the result also has .seconds and .peak_bytes, the largest resident size."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            begin = time.monotonic()
            process = subprocess.Popen(self.command(program, *arguments), stdin=given, stdout=out, stderr=err,
                                       cwd=self.folder, env={**self.environment, **(env or {})})
            pid, status, usage = 0, 0, None
            try:
                while pid == 0 and time.monotonic() - begin < DEADLINE:
                    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                    if pid == 0:
                        time.sleep(0.01)
            finally:
                if pid == 0:
                    process.kill()
                    process.wait()
            process.returncode = os.waitstatus_to_exitcode(status) if pid else -signal.SIGKILL
            out.seek(0)
            err.seek(0)
            result = Result(subprocess.CompletedProcess(process.args, process.returncode, out.read(), err.read()))
        self.assertIsNotNone(usage, "%s does not end\n%s" % (program, result))
        result.seconds, result.peak_bytes = time.monotonic() - begin, usage.ru_maxrss * 1024
        return result

    def start(self, *arguments, env=None, program="picketd"):
        log = self.enterContext(open(self.folder / ("log-%d" % len(self.daemons)), "w+", encoding="utf-8"))
        daemon = subprocess.Popen(self.command(program, "--user", "-c", self.config, *arguments), stderr=log, stdout=log,
                                  stdin=subprocess.DEVNULL, cwd=self.folder, env={**self.environment, **(env or {})})
        daemon.log = log
        self.daemons.append(daemon)
        return daemon

    def stop(self, daemon, status=0):
        daemon.terminate()
        self.assertEqual(daemon.wait(DEADLINE), status, self.log(daemon))

    def stop_all(self):
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.send_signal(signal.SIGKILL)
                daemon.wait()

    def log(self, daemon):
        with open(daemon.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait(self, condition, what, daemon=None):
        """For what no server sees: asks again until the deadline."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.02)
        self.fail("waited in vain for %s\n%s" % (what, self.log(daemon) if daemon else ""))

    # --- the network ---

    def in_network_of_its_own(self, work, *addresses):
        """Runs @work in a thread whose network has nothing but a loopback with these public @addresses, too."""
        failure = []

        def run():
            try:
                if not unshare(CLONE_NEWNET):
                    raise unittest.SkipTest("needs root that may make a network")
                subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
                for address in addresses:
                    subprocess.run(["ip", "addr", "add", address + "/32", "dev", "lo"], check=True)
                work()
            except BaseException as e:          # told in the thread of the test
                failure.append(e)

        if not shutil.which("ip"):
            self.skipTest("needs ip")
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if failure:
            raise failure[0]

    # --- the store ---

    def database(self):
        db = sqlite3.connect(self.state / "picket.db")
        self.addCleanup(db.close)
        return db

    def make_due(self):
        """Time passes: what lies ahead is due. Only while no picketd runs."""
        if not (self.state / "picket.db").exists():
            return
        db = sqlite3.connect(self.state / "picket.db")
        with db:
            db.execute("UPDATE feeds SET next_poll_usec = 0, retry_after_usec = 0")
            db.execute("DELETE FROM hosts")
            db.execute("UPDATE items SET page_next_usec = 1 WHERE page = 'wanted'")
            db.execute("UPDATE deliveries SET next_try_usec = 1 WHERE state IN ('pending', 'sending')")
        db.close()

    def alerts(self):
        return self.ctl("alerts", "--json").json["alerts"]

    def alerted(self):
        """(profile, title) of each alert, sorted."""
        return sorted((a["profile"]["name"], a["story"]["title"]) for a in self.alerts())

    def posted(self, receiver):
        return sorted((r.json["profile"]["name"], r.json["story"]["title"]) for r in receiver.seen())
