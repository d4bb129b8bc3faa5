# SPDX-License-Identifier: MIT
"""Picket on a booted system: installed with make install, from a feed to a desktop and a webhook.

Boots systemd in a container whose root is this machine's, under an overlay that is thrown away; its network is the
loopback of this machine. Needs root and systemd-container; skipped with a reason elsewhere, unless
PICKET_SYSTEM_TEST=required. A picture of the desktop with its notifications is left in BUILD/notification.png."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from harness import FILLER, item, page, rss  # noqa: E402
from servers import Receiver, Server  # noqa: E402

BUILD = pathlib.Path(os.environ.get("PICKET_BUILD", ROOT / "build"))
SOURCES = "/opt/picket"         # where the container sees ROOT
MAKE = ("make", "-C", SOURCES, "BUILD=%s" % os.path.relpath(BUILD, ROOT), "PREFIX=/usr/local")
DEADLINE = 120
USER = "alice"
TITLE = "Washington wants fewer soldiers in Kosovo & Iraq"
LEAD = "The United States is pressing NATO to withdraw troops from Kosovo and to end its training mission in Iraq."
BODY = ("KFOR has about 4,500 soldiers in Kosovo.\n" + FILLER + "\nNATO Mission Iraq may end in September.\n" + FILLER +
        "\nUkraine would be kept out of the NATO summit in Ankara in July.")


def why_not():
    if os.geteuid() != 0:
        return "needs root"
    for program in ("systemd-nspawn", "nsenter", "Xvfb", "dunst", "import"):
        if not shutil.which(program):
            return "needs " + program
    return None


class Container:
    """systemd as PID 1 over an overlay of /."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="picket-system-"))
        self.root, self.process, self.leader, self.mounted = self.folder / "root", None, None, []
        self.log = open(self.folder / "log", "w+b")

    def start(self):
        self.mount("-t", "tmpfs", "-o", "size=1g,mode=0755", "tmpfs", self.folder / "top", make=True)
        for name in ("upper", "work"):
            (self.folder / "top" / name).mkdir()
        self.mount("-t", "overlay", "-o", "lowerdir=/,upperdir=%s/top/upper,workdir=%s/top/work" % (self.folder, self.folder),
                   "overlay", self.root, make=True)
        # no machine's own services, and a journal that starts empty
        for path in ("etc/machine-id", "var/lib/dbus/machine-id"):
            (self.root / path).unlink(missing_ok=True)
        shutil.rmtree(self.root / "var/log/journal", ignore_errors=True)
        self.process = subprocess.Popen(
            ["systemd-nspawn", "-D", str(self.root), "--boot", "--register=no", "--keep-unit", "--console=pipe",
             "--bind=%s:%s" % (ROOT, SOURCES)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        self.wait(self.find_leader, "PID 1")
        self.wait(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"), "the boot")

    def mount(self, *arguments, make=False):
        if make:
            pathlib.Path(arguments[-1]).mkdir()
        subprocess.run(["mount", *map(str, arguments)], check=True)
        self.mounted.append(arguments[-1])

    def find_leader(self):
        """The container's init is the child of nspawn's child."""
        pid = self.process.pid
        if self.process.poll() is not None:
            raise AssertionError("the container did not boot:\n" + self.console())
        children = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(pid)], stdout=subprocess.PIPE, check=False).stdout.decode()
        for line in children.splitlines():
            number, name = line.split(None, 1)
            if name.strip() in ("systemd", "init"):
                self.leader = number
        return self.leader

    def console(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")[-4000:]

    def run(self, *command, check=True, env=None, user=None, timeout=DEADLINE):
        if user:
            uid = self.uid(user)
            env = {"XDG_RUNTIME_DIR": "/run/user/%s" % uid, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/%s/bus" % uid,
                   "HOME": "/home/" + user, **(env or {})}
            command = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", "env", *["%s=%s" % i for i in env.items()], *command)
        elif env:
            command = ("env", *["%s=%s" % i for i in env.items()], *command)
        result = subprocess.run(["nsenter", "-t", self.leader, "-a", "--root", "--wd", *command], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, check=False)
        result.stdout, result.stderr = result.stdout.decode("utf-8", "replace"), result.stderr.decode("utf-8", "replace")
        if check and result.returncode != 0:
            raise AssertionError("%s: status %d\n%s%s" % (" ".join(command), result.returncode, result.stdout, result.stderr))
        return result

    def uid(self, user):
        for line in (self.root / "etc/passwd").read_text().splitlines():
            if line.startswith(user + ":"):
                return line.split(":")[2]
        raise KeyError(user)

    def write(self, path, text, mode=0o644):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def journal(self, *matches):
        out = self.run("journalctl", "-o", "json", "--no-pager", *matches, check=False).stdout
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    def wait(self, condition, what):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.1)
        tail = self.run("journalctl", "--no-pager", "-n", "60", check=False).stdout if self.leader else ""
        raise AssertionError("waited in vain for %s\n%s\n%s" % (what, tail, self.console()))

    def stop(self):
        if self.process and self.process.poll() is None:
            if self.leader:
                subprocess.run(["nsenter", "-t", self.leader, "-a", "--root", "--wd", "systemctl", "--no-block", "poweroff"], check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for path in reversed(self.mounted):
            subprocess.run(["umount", "-l", str(path)], check=False)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class System(unittest.TestCase):
    """One system for all; the tests run in the order of their names and each says what it adds."""

    @classmethod
    def setUpClass(cls):
        reason = why_not()
        if reason:
            if os.environ.get("PICKET_SYSTEM_TEST") == "required":
                raise AssertionError("the system test is required, and " + reason)
            raise unittest.SkipTest(reason)
        cls.server, cls.receiver = Server(), Receiver()
        cls.container = Container()
        cls.addClassCleanup(cls.server.stop)
        cls.addClassCleanup(cls.receiver.stop)
        cls.addClassCleanup(cls.container.stop)
        cls.container.start()

    def setUp(self):
        self.c = self.container

    def test_1_install(self):
        """make install, with PREFIX=/usr/local: units, D-Bus and catalog in their fixed places, and a user."""
        self.c.run(*MAKE, "install")
        self.c.run("id", "picket")
        self.c.run("/usr/local/bin/picketctl", "--system", "check")
        self.c.run("systemd-analyze", "verify", "--man=no", "/lib/systemd/system/picketd.service")
        self.c.run("systemd-analyze", "security", "--offline=true", "--threshold=11", "/lib/systemd/system/picketd.service")

    def test_2_system_service_posts_a_story(self):
        """Feed to webhook by the system service, its address a credential; the journal has the fields."""
        self.server.route("/feed", body=rss(item(TITLE, self.server.url("/story"), "1", LEAD),
                                            item("Kosovo beat Slovenia in football qualifier", self.server.url("/f"), "2")))
        self.server.route("/story", body=page(BODY), content_type="text/html; charset=utf-8")
        for path in (self.c.root / "usr/local/share/picket/feeds").glob("*.conf"):
            os.symlink("/dev/null", self.c.root / "etc/picket/feeds" / path.name)
        self.c.write("/etc/picket/feeds/paper.conf", "[feed paper]\nurl = %s\nallow-private = yes\n" % self.server.url("/feed"))
        self.c.write("/etc/picket/sinks/hook.conf", "[sink hook]\ntype = webhook\nformat = json\nurl-credential = hook-url\n"
                     "secret-credential = hook-secret\nallow-private = yes\n")
        self.c.write("/etc/picket/picket.conf.d/sinks.conf", "[picket]\nsinks = hook\n")
        self.c.write("/etc/picket/credentials/hook-url", self.receiver.url("/hook") + "\n", 0o600)
        self.c.write("/etc/picket/credentials/hook-secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", 0o600)
        self.relax()
        self.c.run("systemctl", "start", "picketd")
        self.receiver.wait_for(n=3, timeout=DEADLINE)

        self.assertEqual(sorted(r.json["profile"]["name"] for r in self.receiver.seen()), ["ankara-summit", "kfor", "nato-mission-iraq"])
        self.assertTrue(all(r.headers["webhook-signature"].startswith("v1,") for r in self.receiver.seen()))
        self.assertEqual(self.c.run("systemctl", "show", "-P", "ActiveState", "picketd").stdout.strip(), "active")
        self.assertIn("Watching 1 feeds", self.c.run("systemctl", "show", "-P", "StatusText", "picketd").stdout)
        self.assertEqual(self.c.run("stat", "-c", "%U %a", "/var/lib/picket").stdout.strip(), "picket 700")

        entries = self.c.wait(lambda: self.c.journal("PICKET_PROFILE=kfor", "_SYSTEMD_UNIT=picketd.service"), "the journal")
        raised = [e for e in entries if "PICKET_SCORE" in e][0]
        self.assertEqual((raised["PICKET_FEED"], raised["PICKET_URL"], raised["PRIORITY"]), ("paper", self.server.url("/story"), "5"))
        self.assertGreaterEqual(float(raised["PICKET_SCORE"]), 10)
        self.assertTrue(raised["PICKET_STORY"].isdigit())
        delivered = self.c.wait(lambda: self.c.journal("PICKET_SINK=hook"), "deliveries in the journal")
        self.assertTrue({e["PICKET_DELIVERY"] for e in delivered} <= set(self.receiver.ids()))
        self.assertIn("MESSAGE_ID", raised)
        catalog = self.c.run("journalctl", "--dump-catalog", raised["MESSAGE_ID"]).stdout
        self.assertIn("Subject:", catalog)
        alerts = json.loads(self.c.run("/usr/local/bin/picketctl", "--system", "alerts", "--json").stdout)
        self.assertEqual(len(alerts["alerts"]), 3)

    def relax(self):
        """In a chroot the kernel makes no user namespaces: there, and only there, the unit goes without."""
        if self.c.run("unshare", "--user", "true", check=False).returncode != 0:
            print("no user namespaces here, so that PrivateUsers= is off", file=sys.stderr)
            self.c.write("/etc/systemd/system/picketd.service.d/chroot.conf", "[Service]\nPrivateUsers=no\n")
            self.c.run("systemctl", "daemon-reload")

    def test_3_desktop(self):
        """An agent in a user session shows what the system service raises; one more user gets nothing of it twice."""
        self.c.run("useradd", "-m", "-s", "/bin/bash", USER)
        self.c.run("loginctl", "enable-linger", USER)
        uid = self.c.uid(USER)
        self.c.wait(lambda: self.c.run("test", "-S", "/run/user/%s/bus" % uid, check=False).returncode == 0, "the session bus")

        # the alert comes before there is any desktop: it waits
        self.c.write("/etc/picket/picket.conf.d/sinks.conf", "[picket]\nsinks = desktop hook\n")
        self.c.run("systemctl", "reload", "picketd")
        self.server.route("/feed", body=rss(item("KFOR doubles patrols at the Ibar bridge in Mitrovica", self.server.url("/2"), "3",
                                                 "NATO peacekeepers in the north of Kosovo were asked for by both sides.")))
        self.c.run("/usr/local/bin/picketctl", "--system", "poll", "paper")
        self.receiver.wait_for(n=4, timeout=DEADLINE)

        self.c.run("systemctl", "--user", "start", "picket-notify", user=USER)
        self.c.run("systemd-run", "--user", "--unit=xvfb", "Xvfb", ":77", "-screen", "0", "1024x600x24", user=USER)
        self.c.wait(lambda: self.c.run("test", "-S", "/tmp/.X11-unix/X77", check=False).returncode == 0, "Xvfb")
        self.c.run("systemctl", "--user", "set-environment", "DISPLAY=:77", user=USER)
        self.c.run("systemctl", "--user", "start", "dunst", user=USER)
        shown = self.c.wait(lambda: self.displayed() >= 1, "the notification")
        self.assertTrue(shown)

        # and one while it is there
        self.server.route("/feed", body=rss(item("NATO Mission Iraq will end in September, says Rutte", self.server.url("/3"), "4", "From Baghdad.")))
        self.c.run("/usr/local/bin/picketctl", "--system", "poll", "paper")
        self.c.wait(lambda: self.displayed() >= 2, "the second notification")
        self.screenshot()
        history = self.notifications()
        self.assertEqual(sum("Ibar bridge" in text for text in history), 1, history)
        self.assertEqual(sum("NATO Mission Iraq will end" in text for text in history), 1, history)

        # a restart of both shows nothing again
        self.c.run("systemctl", "restart", "picketd")
        self.c.run("systemctl", "--user", "restart", "picket-notify", user=USER)
        outcome = self.c.run("/usr/local/bin/picketctl", "--system", "test", "desktop")
        self.assertIn("accepted", outcome.stdout)
        self.assertEqual(sum("Ibar bridge" in text for text in self.notifications()), 1)

    def displayed(self):
        out = self.c.run("dunstctl", "count", "displayed", user=USER, env={"DISPLAY": ":77"}, check=False).stdout.strip()
        return int(out) if out.isdigit() else 0

    def notifications(self):
        """What dunst ever showed: closed ones are in its history."""
        self.c.run("dunstctl", "close-all", user=USER, env={"DISPLAY": ":77"})
        document = json.loads(self.c.run("dunstctl", "history", user=USER, env={"DISPLAY": ":77"}).stdout)
        return [n["summary"]["data"] + " " + n["body"]["data"] for n in document["data"][0]]

    def screenshot(self):
        self.c.run("import", "-window", "root", "/home/%s/shot.png" % USER, user=USER, env={"DISPLAY": ":77"})
        shutil.copy(self.c.root / "home" / USER / "shot.png", BUILD / "notification.png")
        colors = subprocess.run(["identify", "-format", "%k", str(BUILD / "notification.png")], stdout=subprocess.PIPE, check=True).stdout
        self.assertGreater(int(colors), 10, "the picture is blank")

    def test_4_reload(self):
        """A bad configuration is refused, said by systemctl's status, and the old one goes on."""
        self.c.write("/etc/picket/feeds/broken.conf", "[feed broken]\nurl = nonsense\n")
        self.assertNotEqual(self.c.run("systemctl", "reload", "picketd", check=False).returncode, 0)
        self.assertEqual(self.c.run("systemctl", "is-active", "picketd").stdout.strip(), "active")
        (self.c.root / "etc/picket/feeds/broken.conf").unlink()
        self.c.run("systemctl", "reload", "picketd")

    def test_5_user_instance(self):
        """picketd as a user's service, with the shipped profiles and its own store."""
        home = "/home/%s/.config/picket" % USER
        self.c.write(home + "/feeds/mine.conf", "[feed mine]\nurl = %s\nallow-private = yes\n" % self.server.url("/mine"))
        for path in (self.c.root / "usr/local/share/picket/feeds").glob("*.conf"):
            os.symlink("/dev/null", self.c.root / home.lstrip("/") / "feeds" / path.name)
        self.c.run("chown", "-R", USER + ":", "/home/" + USER)
        self.server.route("/mine", body=rss(item("KFOR opens its gates to visitors in Kosovo", self.server.url("/m"), "m")))
        self.c.run("systemctl", "--user", "start", "picketd", user=USER)
        self.c.wait(lambda: any("opens its gates" in t for t in self.notifications()), "the user's own alert")
        status = json.loads(self.c.run("/usr/local/bin/picketctl", "--user", "status", "--json", user=USER).stdout)
        self.assertEqual(status["state_directory"], "/home/%s/.local/state/picket" % USER)
        self.c.run("systemctl", "--user", "stop", "picketd", user=USER)

    def test_6_stop_and_uninstall(self):
        self.c.run("systemctl", "stop", "picketd")
        self.assertEqual(self.c.run("systemctl", "show", "-P", "Result", "picketd").stdout.strip(), "success")
        self.c.run(*MAKE, "uninstall")
        left = self.c.run("find", "/usr/local", "/lib/systemd", "/usr/share/dbus-1", "/usr/lib/sysusers.d", "-name", "*picket*").stdout
        self.assertEqual(left, "")


if __name__ == "__main__":
    unittest.main()
