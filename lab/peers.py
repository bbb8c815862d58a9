"""The peers: other ways to stay connected, as real programs from Debian's packages."""

import os
import subprocess
import threading

from system import TalkerSystem

OBFS4 = "/usr/bin/obfs4proxy"
MESSAGES_PORT = 7000  # of message_server.py, where a carrier ends


class Tls(TalkerSystem):
    """A service of its own name behind ordinary TLS: what most messengers are on the wire."""

    name = "tls"
    about = "message service over TLS 1.3 on its own name (the message program of the lab)"
    published_names = own_names = ("chat.example",)
    published_hosts = own_hosts = ("chat",)

    def start_servers(self):
        address = self.topology.hosts["chat"].address
        certificate, key = self.lab.servers.authority.issue("chat.example")
        self.start_message_server("chat", "--tls-listen", f"{address}:443", "--certificate", certificate, "--key", key)
        self.topology.wait_listening("chat", address, 443, "tls-messages")
        self.start_friend()

    def user_arguments(self):
        return ["--connect", "chat.example:443", "--tls", "chat.example"]

    friend_arguments = user_arguments


class Xmpp(TalkerSystem):
    """Prosody, and a client that speaks direct TLS on 443."""

    name = "xmpp"
    about = "XMPP over direct TLS to Prosody on its own name"
    packages = ("prosody",)
    programs = ("prosody", "prosodyctl")
    protocol = "xmpp"
    published_names = own_names = ("chat.example",)
    published_hosts = own_hosts = ("chat",)

    def start_prosody(self):
        """Prosody on host `chat` with two accounts."""
        address = self.topology.hosts["chat"].address
        certificate, key = self.lab.servers.authority.issue("chat.example")
        path = self.topology.path("prosody", "prosody.cfg.lua")
        folder = os.path.dirname(path)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"""
run_as_root = true
pidfile = "{folder}/pid"
data_path = "{folder}"
interfaces = {{ "{address}" }}
c2s_ports = {{}}
c2s_direct_tls_ports = {{ 443 }}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "offline", "presence", "message", "iq", "c2s" }}
modules_disabled = {{ "s2s" }}
authentication = "internal_hashed"
log = {{ info = "*console" }}
ssl = {{ certificate = "{certificate}", key = "{key}" }}
c2s_direct_tls_ssl = {{ certificate = "{certificate}", key = "{key}" }}
VirtualHost "chat.example"
""")
        for name in ("anna", "boris"):
            done = subprocess.run([*self.topology.prefix("chat"), "prosodyctl", "--root", "--config", path, "register", name,
                                   "chat.example", "secret"], check=False, capture_output=True, encoding="utf-8")
            if done.returncode != 0:
                raise RuntimeError(f"prosodyctl: {done.stdout}{done.stderr}")
        self.topology.start("chat", "prosody", "prosody", "--root", "--config", path, "-F")
        self.topology.wait_listening("chat", address, 443, "prosody")

    def start_servers(self):
        self.start_prosody()
        self.start_friend()

    def user_arguments(self):
        return ["--connect", "chat.example:443", "--tls", "chat.example", "--domain", "chat.example", "--password", "secret"]

    def friend_arguments(self):
        return Xmpp.user_arguments(self)


class XmppProxy(Xmpp):
    """The same through a relay in the way of Signal's TLS proxy: TLS in TLS, passed on by the inner name."""

    name = "xmpp-proxy"
    about = "the same behind a TLS proxy as Signal's: TLS in TLS, the relay's address known to its users only"
    packages = ("prosody", "nginx-light", "libnginx-mod-stream")
    programs = ("prosody", "prosodyctl", "nginx")
    own_names = ("proxy.example",)
    own_hosts = ("proxy",)

    def start_servers(self):
        self.start_prosody()
        address, inner = self.topology.hosts["proxy"].address, self.topology.hosts["chat"].address
        certificate, key = self.lab.servers.authority.issue("proxy.example")
        self.lab.servers.start_nginx("proxy", "nginx-proxy", "", f"""
  ssl_protocols TLSv1.2 TLSv1.3;
  map $ssl_preread_server_name $inner {{ chat.example {inner}:443; default 127.0.0.1:9; }}
  server {{ listen {address}:443 ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; proxy_pass 127.0.0.1:4433; }}
  server {{ listen 127.0.0.1:4433; ssl_preread on; proxy_pass $inner; }}
""")
        self.topology.wait_listening("proxy", address, 443, "nginx-proxy")
        self.start_friend()

    def user_arguments(self):
        return ["--connect", "proxy.example:443", "--tls", "proxy.example", "--tls", "chat.example", "--domain", "chat.example",
                "--password", "secret"]


def read_until(stream, wanted, ending, what):
    """Reads lines of a pluggable transport until `ending`; gives the words of the line that begins with `wanted`."""
    found = None
    for line in stream:
        words = line.decode("utf-8", "replace").split()
        if words[:1] == [wanted]:
            found = words
        elif words and words[0].endswith("ERROR"):
            raise RuntimeError(f"{what}: {line.decode('utf-8', 'replace').strip()}")
        if words[:2] == ending.split():
            break
    if not found:
        raise RuntimeError(f"{what} has no {wanted}")
    # What it may say later must not block it.
    threading.Thread(target=stream.read, daemon=True).start()
    return found


class Obfs4(TalkerSystem):
    """obfs4proxy on both sides, as Tor would run it; in it the message program."""

    name = "obfs4"
    about = "the message program through obfs4proxy; the bridge's address is known to its users only"
    packages = ("obfs4proxy",)
    programs = ("obfs4proxy",)
    own_hosts = ("proxy",)

    def __init__(self, lab):
        super().__init__(lab)
        self.arguments = ""
        self.socks = ""
        self.kept = []  # standard inputs whose closing would end the transports

    def _transport(self, host, what, **environment):
        base = {"TOR_PT_MANAGED_TRANSPORT_VER": "1", "TOR_PT_EXIT_ON_STDIN_CLOSE": "1",
                "TOR_PT_STATE_LOCATION": self.topology.path(what, "")[:-1], **environment}
        process = self.topology.start(host, what, OBFS4, env=base, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.kept.append(process.stdin)
        return process.stdout

    def start_servers(self):
        address = self.topology.hosts["proxy"].address
        self.start_message_server("proxy", "--listen", f"127.0.0.1:{MESSAGES_PORT}", "--listen", f"{address}:{MESSAGES_PORT}")
        self.topology.wait_listening("proxy", address, MESSAGES_PORT, "obfs4-messages")
        words = read_until(self._transport("proxy", "obfs4-server", TOR_PT_SERVER_TRANSPORTS="obfs4",
                                           TOR_PT_SERVER_BINDADDR=f"obfs4-{address}:443",
                                           TOR_PT_ORPORT=f"127.0.0.1:{MESSAGES_PORT}"),
                           "SMETHOD", "SMETHODS DONE", "obfs4proxy")
        self.arguments = words[3].removeprefix("ARGS:").replace(",", ";")
        words = read_until(self._transport("user", "obfs4-client", TOR_PT_CLIENT_TRANSPORTS="obfs4"), "CMETHOD",
                           "CMETHODS DONE", "obfs4proxy")
        self.socks = words[3]
        self.start_friend()

    def user_arguments(self):
        address = self.topology.hosts["proxy"].address
        return ["--connect", f"{address}:443", "--socks", self.socks, "--socks-arguments", self.arguments]

    def friend_arguments(self):
        return ["--connect", f"{self.topology.hosts['proxy'].address}:{MESSAGES_PORT}"]


class Shadowsocks(TalkerSystem):
    """shadowsocks-libev with an AEAD cipher; in it the message program."""

    name = "shadowsocks"
    about = "the message program through shadowsocks-libev; the server's address is known to its users only"
    packages = ("shadowsocks-libev",)
    programs = ("ss-server", "ss-local")
    own_hosts = ("proxy",)

    def start_servers(self):
        address = self.topology.hosts["proxy"].address
        self.start_message_server("proxy", "--listen", f"127.0.0.1:{MESSAGES_PORT}", "--listen", f"{address}:{MESSAGES_PORT}")
        common = ["-m", "chacha20-ietf-poly1305", "-k", "secret", "-p", "443", "-s", address]
        self.topology.start("proxy", "ss-server", "ss-server", *common)
        self.topology.start("user", "ss-local", "ss-local", *common, "-b", "127.0.0.1", "-l", "1080")
        self.topology.wait_listening("proxy", address, 443, "ss-server")
        self.topology.wait_listening("proxy", address, MESSAGES_PORT, "shadowsocks-messages")
        self.topology.wait_listening("user", "127.0.0.1", 1080, "ss-local")
        self.start_friend()

    def user_arguments(self):
        return ["--connect", f"127.0.0.1:{MESSAGES_PORT}", "--socks", "127.0.0.1:1080"]

    def friend_arguments(self):
        return ["--connect", f"{self.topology.hosts['proxy'].address}:{MESSAGES_PORT}"]
