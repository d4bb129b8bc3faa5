# SPDX-License-Identifier: MIT
"""Servers with faults below HTTP: certificates that are wrong, HTTP/2 that is broken, bytes that trickle; and bodies in
content codings, made without a library for each.

    authority = Authority(folder)                     # a certificate authority of our own, by openssl(1)
    with TlsServer(authority.issue("127.0.0.1")) as server: ...
    picketd with SSL_CERT_FILE = authority.file
"""

import contextlib
import datetime
import gzip
import pathlib
import socket
import ssl
import struct
import subprocess
import threading
import zlib

from servers import Server, _Handler, _Socket


class Authority:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.file = self.folder / "authority.pem"
        self.key = self.folder / "authority.key"
        self.n = 0
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.file, "-days", "30",
                      "-subj", "/CN=Authority of the tests", "-addext", "basicConstraints=critical,CA:TRUE")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, cwd=self.folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def issue(self, address, expired=False, alpn=("http/1.1",), own=False):
        """A server's context with a certificate for @address; with @own, signed by itself."""
        self.n += 1
        key, request, certificate, text = (self.folder / ("server-%d.%s" % (self.n, end)) for end in ("key", "csr", "pem", "txt"))
        text.write_text("subjectAltName=IP:%s\n" % address)
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=server")
        if expired:
            # only ca(1) takes the dates
            (self.folder / "index.txt").write_text("")
            (self.folder / "serial").write_text("%02X\n" % (self.n + 16))
            (self.folder / "ca.conf").write_text(
                "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n"
                "rand_serial=yes\n[p]\ncommonName=supplied\n")
            end = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
            self._openssl("ca", "-batch", "-config", "ca.conf", "-cert", self.file, "-keyfile", self.key, "-in", request, "-out",
                          certificate, "-extfile", text, "-notext", "-startdate", "20200101000000Z", "-enddate", end.strftime("%Y%m%d%H%M%SZ"))
        elif own:
            self._openssl("x509", "-req", "-in", request, "-signkey", key, "-out", certificate, "-days", "30", "-extfile", text)
        else:
            self._openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-out",
                          certificate, "-days", "30", "-extfile", text)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(list(alpn))
        return context


class _TlsHandler(_Handler):
    def handle(self):
        with contextlib.suppress(OSError):
            self.connection.do_handshake()
            owner = self.server.owner
            if self.connection.selected_alpn_protocol() == "h2":
                owner.n_http2 += 1
                owner.break_http2(self.connection)
            else:
                super().handle()


class _TlsSocket(_Socket):
    def __init__(self, address, owner):
        super().__init__(address, owner)
        self.RequestHandlerClass = _TlsHandler
        # shaken hands in the thread of the connection: a client that keeps silent holds up nobody else
        self.socket = owner.context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


class TlsServer(Server):
    def __init__(self, context, http2_fault=None, **fields):
        self.context, self.http2_fault, self.n_http2 = context, http2_fault, 0
        super().__init__(**fields)

    def start(self):
        self.stopping.clear()
        self._socket = _TlsSocket((self.host, self.port), self)
        self.port = self._socket.server_port
        threading.Thread(target=self._socket.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def base(self):
        return "https://%s:%d" % (self.host, self.port)

    def break_http2(self, connection):
        """RFC 9113: settings as they should be, then what is asked for."""
        connection.recv(65536)
        settings = struct.pack(">HBBBI", 0, 0, 4, 0, 0)
        if self.http2_fault == "reset":         # RST_STREAM of the first stream: INTERNAL_ERROR
            connection.sendall(settings + struct.pack(">HBBBII", 0, 4, 3, 0, 1, 2))
        elif self.http2_fault == "goaway":      # GOAWAY: no stream was taken, PROTOCOL_ERROR
            connection.sendall(settings + struct.pack(">HBBBIII", 0, 8, 7, 0, 0, 0, 1))
            return
        connection.settimeout(5)
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass


class Trickle(contextlib.AbstractContextManager):
    """Sends @head at once and then @piece each @seconds, for ever, on every connection."""

    def __init__(self, head, piece, seconds, host="127.0.0.1"):
        self.head, self.piece, self.seconds = head, piece, seconds
        self.stopping = threading.Event()
        self.n_connections = 0
        self.socket = socket.create_server((host, 0))
        self.url = "http://%s:%d/" % self.socket.getsockname()[:2]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.n_connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.recv(65536)
            connection.sendall(self.head)
            while not self.stopping.wait(self.seconds):
                connection.sendall(self.piece)

    def __exit__(self, *exception):
        self.stopping.set()
        self.socket.close()


# --- content codings ---

def raw_deflate(body):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def zstd(body):
    """RFC 8878, 3.1.1: one frame of raw blocks, with a window of 128 KiB."""
    pieces = [body[i:i + 65536] for i in range(0, len(body), 65536)] or [b""]
    blocks = b"".join(struct.pack("<I", len(p) << 3 | (i == len(pieces) - 1))[:3] + p for i, p in enumerate(pieces))
    return b"\x28\xb5\x2f\xfd\0\x38" + blocks


def zstd_bomb(n_blocks):
    """@n_blocks times 128 KiB of spaces, in blocks of four bytes."""
    block = struct.pack("<I", 131072 << 3 | 2)[:3] + b" "
    last = struct.pack("<I", 131072 << 3 | 3)[:3] + b" "
    return b"\x28\xb5\x2f\xfd\0\x38" + block * (n_blocks - 1) + last


def brotli(body):
    """RFC 7932, 9: uncompressed meta-blocks of at most 64 KiB and a window of 16 bits, then an empty last one."""
    made = b""
    for i in range(0, len(body), 65536):
        piece = body[i:i + 65536]
        bits, n = (0, 1) if i == 0 else (0, 0)              # WBITS: a bit of 0 says 16
        # ISLAST 0, MNIBBLES 0 (four), MLEN - 1, ISUNCOMPRESSED 1
        bits |= ((len(piece) - 1) << 3 | 1 << 19) << n
        made += bits.to_bytes((n + 20 + 7) // 8, "little") + piece
    return made + b"\x03"                                   # ISLAST, ISLASTEMPTY


CODINGS = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "br": brotli,
    "zstd": zstd,
}
