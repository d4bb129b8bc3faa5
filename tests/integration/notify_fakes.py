# SPDX-License-Identifier: MIT
"""What picket-notify talks to, invented: a picketd, a notification server, and a bus for them."""

import os
import subprocess

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)

PICKET = "org.picket.Picket1"
DESKTOP = "org.picket.Picket1.Desktop"
NOTIFICATIONS = "org.freedesktop.Notifications"

OPEN_POLICY = """<policy context="default"><allow user="*"/><allow own="*"/>
    <allow send_destination="*"/><allow receive_sender="*"/></policy>"""

CAPABILITIES = ["actions", "body", "body-markup", "persistence"]


class Picketd(dbus.service.Object):
    """The Desktop interface: a row is claimed once, until it is acknowledged or its lease ends."""

    def __init__(self, bus, rows, log):
        self.rows, self.log, self.leased, self.acknowledged = rows, log, set(), []
        super().__init__(bus, "/org/picket/Picket1")
        bus.request_name(PICKET, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)

    def end_leases(self):
        self.leased.clear()

    @dbus.service.method(DESKTOP, in_signature="u", out_signature="a(sss)")
    def Claim(self, n_max):
        rows = [r for r in self.rows if r[0] not in self.leased and r[0] not in self.acknowledged]
        rows = rows[:n_max]
        self.leased.update(r[0] for r in rows)
        self.log.append(("claim", len(rows)))
        return dbus.Array(rows, signature="(sss)")

    @dbus.service.method(DESKTOP, in_signature="as", out_signature="")
    def Acknowledge(self, ids):
        self.acknowledged += [str(i) for i in ids]
        self.log.append(("acknowledge", len(ids)))

    @dbus.service.signal(DESKTOP, signature="")
    def Pending(self):
        pass


class Server(dbus.service.Object):
    """A notification server."""

    def __init__(self, bus, log, capabilities=None, error=None):
        self.log, self.shown, self.error = log, [], error
        self.capabilities = CAPABILITIES if capabilities is None else capabilities
        super().__init__(bus, "/org/freedesktop/Notifications")
        bus.request_name(NOTIFICATIONS, dbus.bus.NAME_FLAG_DO_NOT_QUEUE)

    @dbus.service.method(NOTIFICATIONS, out_signature="as")
    def GetCapabilities(self):
        return dbus.Array(self.capabilities, signature="s")

    @dbus.service.method(NOTIFICATIONS, out_signature="ssss")
    def GetServerInformation(self):
        return ("test", "Picket", "1", "1.2")

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, summary, body, actions, hints, timeout):
        self.log.append(("notify", str(summary)))
        if self.error:
            raise dbus.exceptions.DBusException("no", name=self.error)
        self.shown.append({
            "app": str(app), "replaces": int(replaces), "summary": str(summary),
            "body": str(body), "actions": [str(a) for a in actions], "hints": hints,
        })
        return len(self.shown)

    @dbus.service.method(NOTIFICATIONS, in_signature="u")
    def CloseNotification(self, number):
        self.log.append(("close", int(number)))

    @dbus.service.signal(NOTIFICATIONS, signature="us")
    def ActionInvoked(self, number, action):
        pass

    @dbus.service.signal(NOTIFICATIONS, signature="uu")
    def NotificationClosed(self, number, reason):
        pass


class Bus:
    """A dbus-daemon of our own. @policy is what it allows, by default everything."""

    def __init__(self, folder, name, policy=OPEN_POLICY):
        services = os.path.join(folder, "services")
        os.makedirs(services, exist_ok=True)
        self.trap = os.path.join(folder, "activated")
        with open(os.path.join(services, "trap.service"), "w") as f:
            f.write(f"[D-BUS Service]\nName={NOTIFICATIONS}\nExec=/usr/bin/touch {self.trap}\n")
        config = os.path.join(folder, f"{name}.conf")
        with open(config, "w") as f:
            f.write(f"""<busconfig><type>session</type>
                <listen>unix:path={folder}/{name}</listen><auth>EXTERNAL</auth>
                <servicedir>{services}</servicedir>
                {policy}</busconfig>""")
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile",
             "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()
        self.connections = []

    def connect(self):
        connection = dbus.bus.BusConnection(self.address)
        connection.set_exit_on_disconnect(False)
        self.connections.append(connection)
        return connection

    def leave(self, service):
        """The program behind @service ends."""
        connection = service.connection
        service.remove_from_connection()
        self.connections.remove(connection)
        connection.close()

    def stop(self):
        for connection in self.connections:
            connection.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
