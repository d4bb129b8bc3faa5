# SPDX-License-Identifier: MIT
"""picket-notify between an invented picketd and notification servers, invented and real (dunst).

Usage: python3 tests/integration/test_notify.py BUILD_DIR, or through tests/run.py

Each test has a message bus of its own, without any service to activate but the trap that shows
whether something was. Everything waits for events; the deadline is only reached by a failure."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    import dbus
    from gi.repository import GLib
    from notify_fakes import NOTIFICATIONS, Bus, Picketd, Server
    MISSING = None
except ImportError as e:
    MISSING = f"needs python3-dbus and python3-gi ({e})"

BUILD = os.environ.get("PICKET_BUILD", "build")
WRAPPER = shlex.split(os.environ.get("PICKET_WRAPPER", ""))
DEADLINE_SECONDS = 30


def alert(n, title=None, urgency="normal", link="https://example.org/%d", **more):
    body = {
        "id": f"alert-{n}", "type": "alert.raised", "profile": "kfor",
        "profile_title": "KFOR - Kosovo Force", "title": title or f"Story {n}",
        "summary": "A summary", "reason": "KFOR in the title", "link": link % n if link else None,
        "feed": "defense-news", "urgency": urgency, "raised": "2026-02-20T06:30:00Z", "story": n,
    }
    body.update(more)
    return (f"alert-{n}", urgency, json.dumps(body))


@unittest.skipIf(MISSING, MISSING)
class NotifyTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="picket-notify-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.bus = Bus(self.folder, "session")
        self.addCleanup(self.bus.stop)
        self.log, self.agent = [], None
        self.environment = dict(os.environ, DBUS_SESSION_BUS_ADDRESS=self.bus.address,
                                DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.folder}/none",
                                HOME=self.folder, XDG_DATA_HOME=self.folder,
                                XDG_CONFIG_HOME=self.folder, PICKET_DEBUG="1")

    # --- tools ---

    def start(self, *arguments):
        """Starts the agent; returns when it says that it is ready."""
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as ready:
            ready.bind(path)
            ready.settimeout(DEADLINE_SECONDS)
            self.errors = open(os.path.join(self.folder, "stderr"), "w+")
            self.addCleanup(self.errors.close)
            self.agent = subprocess.Popen(
                [*WRAPPER, os.path.join(BUILD, "picket-notify"), *arguments], stderr=self.errors,
                env=dict(self.environment, NOTIFY_SOCKET=path))
            self.addCleanup(self.end)
            self.assertIn(b"READY=1", ready.recv(4096))
        os.unlink(path)

    def end(self):
        if self.agent.poll() is None:
            self.agent.kill()
        self.agent.wait()

    def wait(self, condition, what):
        context, late = GLib.MainContext.default(), []
        timer = GLib.timeout_add_seconds(DEADLINE_SECONDS, lambda: late.append(1) or False)
        while not condition() and not late:
            context.iteration(True)
        if not late:
            GLib.source_remove(timer)
            return
        self.errors.seek(0)
        self.fail(f"{what} did not happen; log {self.log}; agent said: {self.errors.read()}")

    def wait_for_log(self, kind):
        self.wait(lambda: any(e[0] == kind for e in self.log), kind)

    def picketd(self, *rows, bus=None):
        return Picketd((bus or self.bus).connect(), list(rows), self.log)

    def server(self, **arguments):
        return Server(self.bus.connect(), self.log, **arguments)

    def count(self, kind):
        return sum(e[0] == kind for e in self.log)

    # --- what it does ---

    def test_one_alert_is_shown_once_and_acknowledged(self):
        picketd = self.picketd(alert(1, "R&D <b>\u202eDoD\u202c</b>\n\x07now", urgency="critical"))
        server = self.server()
        self.start("--user")
        self.wait_for_log("acknowledge")

        shown, = server.shown
        self.assertEqual(shown["app"], "Picket")
        self.assertEqual(shown["summary"], "R&D <b>DoD</b> now")
        self.assertEqual(shown["body"], "KFOR - Kosovo Force\nKFOR in the title\ndefense-news")
        self.assertEqual(int(shown["hints"]["urgency"]), 2)
        self.assertEqual(str(shown["hints"]["category"]), "news")
        self.assertIn("default", shown["actions"][::2])
        self.assertEqual(picketd.acknowledged, ["alert-1"])

        # Its acknowledgement got lost on the way, so to speak: it is given once more.
        picketd.acknowledged.clear()
        picketd.end_leases()
        picketd.Pending()
        self.wait(lambda: picketd.acknowledged, "acknowledging again")
        self.assertEqual(len(server.shown), 1)

    def test_text_is_escaped_only_for_markup(self):
        row = alert(1, reason="\"R&D\" in <i>title</i>")
        for capabilities, expected in ((["body", "body-markup"],
                                        "&quot;R&amp;D&quot; in &lt;i&gt;title&lt;/i&gt;"),
                                       (["body"], "\"R&D\" in <i>title</i>")):
            with self.subTest(capabilities=capabilities):
                picketd, server = self.picketd(row), self.server(capabilities=capabilities)
                self.start("--user")
                self.wait_for_log("acknowledge")
                self.assertIn(expected, server.shown[0]["body"])
                self.assertEqual(server.shown[0]["actions"], [])
                self.end()
                self.bus.leave(picketd)
                self.bus.leave(server)
                self.log.clear()

    def test_waits_for_a_server_and_starts_none(self):
        picketd = self.picketd(alert(1))
        self.start("--user")
        # Pending reaches an agent that has no screen; what it answers with comes before the server.
        picketd.Pending()
        self.log.append(("server", ""))
        server = self.server()
        self.wait_for_log("acknowledge")
        self.assertEqual([e[0] for e in self.log], ["server", "claim", "notify", "acknowledge"])
        self.assertEqual(server.shown[0]["summary"], "Story 1")
        self.assertFalse(os.path.exists(self.bus.trap), "a notification server was activated")

    def test_waits_for_picketd(self):
        server = self.server()
        self.start("--user")
        self.picketd(alert(1))
        self.wait_for_log("acknowledge")
        self.assertEqual(len(server.shown), 1)

    def test_many_become_a_digest(self):
        for n_alerts in (4, 7, 45):
            with self.subTest(n_alerts=n_alerts):
                rows = [alert(i, f"Story <{i}>") for i in range(n_alerts - 1)]
                rows.append(alert(n_alerts, urgency="critical"))
                picketd, server = self.picketd(*rows), self.server()
                self.start("--user")
                self.wait_for_log("acknowledge")
                shown, = server.shown
                self.assertEqual(shown["summary"], f"{n_alerts} alerts while you were away")
                self.assertIn("Story &lt;0&gt;", shown["body"])
                self.assertLessEqual(len(shown["body"].splitlines()), 11)
                self.assertEqual(int(shown["hints"]["urgency"]), 2)
                self.assertEqual(len(set(picketd.acknowledged)), n_alerts)
                self.end()
                self.bus.leave(picketd)
                self.bus.leave(server)
                self.log.clear()

    def test_three_are_shown_each(self):
        picketd, server = self.picketd(alert(1), alert(2), alert(3)), self.server()
        self.start("--user")
        self.wait_for_log("acknowledge")
        self.assertEqual([s["summary"] for s in server.shown], ["Story 1", "Story 2", "Story 3"])
        self.assertEqual(picketd.acknowledged, ["alert-1", "alert-2", "alert-3"])

    def test_what_could_not_be_shown_is_not_acknowledged(self):
        picketd = self.picketd(alert(1))
        broken = self.server(error="org.example.Error.Broken")
        self.start("--user")
        self.wait_for_log("notify")
        self.bus.leave(broken)
        picketd.end_leases()
        server = self.server()
        self.wait_for_log("acknowledge")
        self.assertEqual([e[0] for e in self.log],
                         ["claim", "notify", "claim", "notify", "acknowledge"])
        self.assertEqual(len(server.shown), 1)

    def test_an_excess_of_the_same_counts_as_shown(self):
        picketd = self.picketd(alert(1))
        self.server(error=f"{NOTIFICATIONS}.Error.ExcessNotificationGeneration")
        self.start("--user")
        self.wait_for_log("acknowledge")
        self.assertEqual(picketd.acknowledged, ["alert-1"])

    def test_new_alerts_and_a_new_picketd(self):
        picketd, server = self.picketd(), self.server()
        self.start("--user")
        self.wait_for_log("claim")
        picketd.rows.append(alert(1))
        picketd.Pending()
        self.wait(lambda: picketd.acknowledged, "acknowledging")
        self.bus.leave(picketd)
        picketd = self.picketd(alert(2))
        self.wait(lambda: picketd.acknowledged, "acknowledging to the new picketd")
        self.assertEqual([s["summary"] for s in server.shown], ["Story 1", "Story 2"])
        self.assertEqual([s["replaces"] for s in server.shown], [0, 0])

    def test_a_new_server_gets_no_old_ids(self):
        picketd, server = self.picketd(alert(1)), self.server()
        self.start("--user")
        self.wait(lambda: picketd.acknowledged, "acknowledging")
        self.bus.leave(server)
        server = self.server()
        picketd.rows.append(alert(2))
        picketd.Pending()
        self.wait(lambda: "alert-2" in picketd.acknowledged, "acknowledging")
        self.assertEqual([(s["summary"], s["replaces"]) for s in server.shown], [("Story 2", 0)])

    def test_what_cannot_be_read_is_said_and_acknowledged(self):
        picketd, server = self.picketd(("x", "odd", "no JSON")), self.server()
        self.start("--user")
        self.wait_for_log("acknowledge")
        self.assertEqual(server.shown[0]["summary"], "Picket alert")
        self.assertEqual(picketd.acknowledged, ["x"])

    def test_only_web_addresses_can_be_opened(self):
        self.picketd(alert(1, link="file:///etc/passwd#%d"), alert(2, link=None))
        server = self.server()
        self.start("--user")
        self.wait_for_log("acknowledge")
        self.assertEqual([s["actions"] for s in server.shown], [[], []])

    def test_open(self):
        fifo = os.path.join(self.folder, "opened")
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        os.makedirs(os.path.join(self.folder, "applications"))
        with open(os.path.join(self.folder, "applications", "opener.desktop"), "w") as f:
            f.write("[Desktop Entry]\nType=Application\nName=Opener\n"
                    f"Exec=/bin/sh -c 'echo \"$1\" > {fifo}' sh %u\n"
                    "MimeType=x-scheme-handler/https;\n")
        with open(os.path.join(self.folder, "mimeapps.list"), "w") as f:
            f.write("[Default Applications]\nx-scheme-handler/https=opener.desktop\n")
        self.picketd(alert(1))
        server = self.server()
        self.start("--user")
        self.wait_for_log("acknowledge")

        got = []
        watch = GLib.io_add_watch(reader, GLib.PRIORITY_DEFAULT, GLib.IO_IN,
                                  lambda fd, _: got.append(os.read(fd, 4096)) or True)
        self.addCleanup(GLib.source_remove, watch)
        server.ActionInvoked(1, "default")
        self.wait(lambda: got, "opening the story")
        self.assertEqual(got[0].strip(), b"https://example.org/1")
        server.NotificationClosed(1, 2)

    def test_system_bus(self):
        system = Bus(self.folder, "system")
        self.addCleanup(system.stop)
        self.environment["DBUS_SYSTEM_BUS_ADDRESS"] = system.address
        mine, theirs = self.picketd(alert(1)), self.picketd(alert(2), bus=system)
        server = self.server()
        self.start()
        self.wait(lambda: mine.acknowledged and theirs.acknowledged, "acknowledging to both")
        self.assertEqual(sorted(s["summary"] for s in server.shown), ["Story 1", "Story 2"])

    # --- how it ends ---

    def test_sigterm_leaves_the_screen_alone(self):
        self.picketd(alert(1))
        self.server()
        self.start("--user")
        self.wait_for_log("acknowledge")
        self.agent.send_signal(signal.SIGTERM)
        self.assertEqual(self.agent.wait(DEADLINE_SECONDS), 0)
        self.assertEqual(self.count("close"), 0)

    def test_loss_of_the_bus_is_a_failure(self):
        self.start()
        self.bus.process.kill()
        self.assertEqual(self.agent.wait(DEADLINE_SECONDS), 3)

    def test_command_line(self):
        for arguments, status in ((["--help"], 0), (["--version"], 0), (["--nonsense"], 2),
                                  (["operand"], 2)):
            with self.subTest(arguments=arguments):
                run = subprocess.run([os.path.join(BUILD, "picket-notify"), *arguments],
                                     env=self.environment, capture_output=True,
                                     timeout=DEADLINE_SECONDS)
                self.assertEqual(run.returncode, status)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={self.folder}/none"
        run = subprocess.run([os.path.join(BUILD, "picket-notify")], env=self.environment,
                             capture_output=True, timeout=DEADLINE_SECONDS)
        self.assertEqual(run.returncode, 3)
        self.assertIn(b"session bus", run.stderr)

    # --- a real server ---

    @unittest.skipUnless(shutil.which("dunst") and shutil.which("Xvfb"), "needs dunst and Xvfb")
    def test_dunst(self):
        picketd = self.picketd(alert(1, "R&D <DoD>"))
        read, write = os.pipe()
        screen = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "800x600x24",
                                   "-nolisten", "tcp"], pass_fds=[write],
                                  stderr=subprocess.DEVNULL)
        os.close(write)
        self.addCleanup(lambda: (screen.kill(), screen.wait()))
        with os.fdopen(read) as f:
            display = f.readline().strip()
        self.start("--user")
        config = os.path.join(self.folder, "dunstrc")
        with open(config, "w") as f:
            f.write("[global]\n    markup = full\n    idle_threshold = 0\n")
        dunst = subprocess.Popen(["dunst", "-conf", config], stderr=subprocess.DEVNULL,
                                 env=dict(self.environment, DISPLAY=f":{display}"))
        self.addCleanup(lambda: (dunst.kill(), dunst.wait()))
        self.wait_for_log("acknowledge")
        self.assertEqual(picketd.acknowledged, ["alert-1"])
        control = self.bus.connect().get_object(NOTIFICATIONS, "/org/freedesktop/Notifications")
        n_known = sum(int(control.Get("org.dunstproject.cmd0", name,
                                      dbus_interface=dbus.PROPERTIES_IFACE))
                      for name in ("displayedLength", "waitingLength", "historyLength"))
        self.assertEqual(n_known, 1)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        BUILD = sys.argv.pop(1)
    unittest.main(verbosity=2)
