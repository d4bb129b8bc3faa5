# SPDX-License-Identifier: MIT
"""units/org.picket.Picket1.conf on a message bus that denies by default, as the system's does:
what a user may call reaches picketd (an invented one), and the rest does not."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
try:
    from gi.repository import GLib
    from notify_fakes import Bus, Picketd
    MISSING = None
except ImportError as e:
    MISSING = f"needs python3-dbus and python3-gi ({e})"

NOBODY = 65534

# What /usr/share/dbus-1/system.conf says, with the policy file behind it.
POLICY = f"""<policy context="default"><allow user="*"/><deny own="*"/>
    <deny send_type="method_call"/><allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/>
    <allow receive_type="error"/><allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/></policy>
    <include>{ROOT}/units/org.picket.Picket1.conf</include>"""

PICKET = "org.picket.Picket1"
MANAGER = "/org/picket/Picket1", "org.picket.Picket1"
DESKTOP = "/org/picket/Picket1", "org.picket.Picket1.Desktop"
PROPERTIES = "/org/picket/Picket1", "org.freedesktop.DBus.Properties"
LOG_CONTROL = "/org/freedesktop/LogControl1", "org.freedesktop.DBus.Properties"


@unittest.skipIf(MISSING, MISSING)
@unittest.skipIf(os.geteuid() != 0, "only root can call as somebody else")
class BusPolicyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix="picket-policy-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        self.bus = Bus(folder, "system", POLICY)
        self.addCleanup(self.bus.stop)
        self.picketd = Picketd(self.bus.connect(), [], [])

    def call(self, uid, target, member, signature="", *arguments):
        """What busctl says, "" where the call was answered."""
        path, interface = target
        process = subprocess.Popen(
            ["busctl", f"--address={self.bus.address}", "--auto-start=no", "call", PICKET, path,
             interface, member, *([signature] if signature else []), *arguments],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, user=uid)
        said, ended = [], []

        def on_output(fd, condition):
            chunk = os.read(fd, 4096)
            (said if chunk else ended).append(chunk)
            return bool(chunk)

        GLib.io_add_watch(process.stderr.fileno(), GLib.PRIORITY_DEFAULT,
                          GLib.IO_IN | GLib.IO_HUP, on_output)
        while not ended:
            GLib.MainContext.default().iteration(True)
        process.stderr.close()
        process.wait()
        return b"".join(said).decode().strip()

    # The invented picketd knows few of these; what matters is whether the bus lets them through.

    def reaches(self, uid, *call):
        error = self.call(uid, *call)
        self.assertNotIn("Access denied", error, call)
        self.assertNotIn("not allowed", error, call)

    def test_anyone(self):
        for call in ((MANAGER, "Status"), (MANAGER, "Alerts", "u", "1"),
                     (MANAGER, "Outbox", "s", ""), (PROPERTIES, "Get", "ss", PICKET, "Version"),
                     (PROPERTIES, "GetAll", "s", PICKET),
                     (DESKTOP, "Claim", "u", "1"),
                     (DESKTOP, "Acknowledge", "as", "0")):
            self.reaches(NOBODY, *call)
        self.assertEqual([e[0] for e in self.picketd.log], ["claim", "acknowledge"])

    def test_root_alone(self):
        for call in ((MANAGER, "Reload"), (MANAGER, "Poll", "s", "x"),
                     (MANAGER, "RetryDelivery", "t", "1"), (MANAGER, "TestSink", "s", "x"),
                     (LOG_CONTROL, "Set", "ssv", "org.freedesktop.LogControl1", "LogLevel", "s",
                      "debug")):
            self.assertIn("Access denied", self.call(NOBODY, *call), call)
            self.reaches(0, *call)

    def test_nobody_takes_the_name(self):
        run = subprocess.run(
            ["busctl", f"--address={self.bus.address}", "call", "org.freedesktop.DBus",
             "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName", "su", PICKET, "0"],
            capture_output=True, text=True, user=NOBODY, timeout=30)
        self.assertIn("denied", run.stderr.lower() + run.stdout.lower())


if __name__ == "__main__":
    unittest.main(verbosity=2)
