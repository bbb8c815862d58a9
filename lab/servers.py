"""The ordinary part of the lab's world: names, resolvers, web sites at home and abroad, and a front with several names."""

import os
import sys

from certificates import Authority
from topology import ipv6_of

HERE = os.path.dirname(os.path.abspath(__file__))
RESOLVERS = ("isp", "doh1", "doh2", "public1", "public2")
NGINX = "/usr/sbin/nginx"
NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"

# name -> bytes of its start page and of the picture on it
SITES = {
    "portal.example": (18_000, 90_000), "bank.example": (9_000, 20_000),
    "news.example": (60_000, 400_000), "shop.example": (35_000, 1_200_000), "wiki.example": (24_000, 15_000),
    "cdn.example": (700, 5_000), "static.cdn.example": (700, 250_000), "assets.shop.example": (700, 80_000),
}

# Who has AAAA records: as in life, large sites rather than small servers.
WITH_IPV6 = {"domestic", "web", "cdn", "doh1", "home2"}

WORDS = ("water", "light", "and", "morning", "the", "market", "of", "a", "long", "river", "bread", "under", "new", "stone", "with",
         "letters", "train", "garden", "old", "winter", "people", "said", "house", "that", "road")


def prose(size, seed):
    """Text of about `size` bytes that compresses like text."""
    words, length, state = [], 0, seed
    while length < size:
        state = (state * 1103515245 + 12345) % (1 << 31)
        words.append(WORDS[(state >> 8) % len(WORDS)])
        length += len(words[-1]) + 1
    return " ".join(words)[:size]


def page(name, size):
    """A start page of `size` bytes."""
    head = (f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title><h1>{name}</h1>"
            f"<img src=/picture.jpg alt=''><p>")
    return head + prose(max(0, size - len(head)), len(name) + size)


def write_site(folder, name, sizes):
    """Makes a site's folder."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as file:
        file.write(page(name, sizes[0]))
    with open(os.path.join(folder, "picture.jpg"), "wb") as file:
        file.write(os.urandom(sizes[1]))
    os.chmod(folder, 0o755)


def nginx_server(address, name, certificate, key, root, port=443, locations=""):
    """A `server` block: TLS 1.3 has to be asked for on Debian 12."""
    return f"""
    server {{
      listen {address}:{port} ssl http2;
      listen [{ipv6_of(address)}]:{port} ssl http2;
      server_name {name};
      ssl_certificate {certificate};
      ssl_certificate_key {key};
      root {root};
      {locations}
    }}"""


def nginx_config(folder, servers, stream=""):
    """The whole file. `servers`: blocks of http; `stream`: the inside of a stream block."""
    http = f"""
  http {{
    access_log off; default_type text/html; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    types {{ text/html html; image/jpeg jpg; text/css css; application/javascript js; }}
    sendfile on; keepalive_timeout 65; gzip on;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:S:1m; ssl_prefer_server_ciphers off;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    {servers}
  }}""" if servers else ""
    load = f"load_module {NGINX_STREAM};\n" if stream else ""
    streams = f"stream {{ {stream} }}\n" if stream else ""
    return (f"{load}user root; worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log notice;\n"
            f"events {{ worker_connections 1024; }}\n{http}\n{streams}")


class Servers:
    """Starts and knows the world's ordinary servers of one topology."""

    def __init__(self, topology):
        self.topology = topology
        self.authority = Authority(topology.path("ca", "")[:-1])
        self.zone = topology.path("zone")
        self.environment = {"SSL_CERT_FILE": self.authority.certificate}

    def start(self):
        """Starts all of them and waits until they listen."""
        self._write_zone()
        for host in RESOLVERS:
            self._start_resolver(self.topology.hosts[host])
        waiting = []
        for host in ("domestic", "web", "cdn"):
            waiting += self._start_sites(self.topology.hosts[host])
        for host in RESOLVERS:
            self.topology.wait_listening(host, self.topology.hosts[host].address, 443, f"resolver-{host}")
        for host, address in waiting:
            self.topology.wait_listening(host, address, 443, f"nginx-{host}")

    def _write_zone(self):
        lines = []
        for host in self.topology.hosts.values():
            for index, name in enumerate(host.names):
                # The sites have an address each while there are enough; the front's names share one.
                address = host.addresses[index % len(host.addresses)]
                lines.append(f"{name} A {address}")
                if host.name in WITH_IPV6:
                    lines.append(f"{name} AAAA {ipv6_of(address)}")
        with open(self.zone, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def add_record(self, name, kind, value):
        """Adds a record to the zone; the resolvers answer with it from now on."""
        with open(self.zone, "a", encoding="utf-8") as file:
            file.write(f"{name} {kind} {value}\n")

    def _start_resolver(self, host):
        certificate, key = self.authority.issue(host.names[0])
        places = [word for each in host.addresses for word in ("--address", each)]
        self.topology.start(host.name, f"resolver-{host.name}", sys.executable, "-B", os.path.join(HERE, "resolver.py"),
                            "--zone", self.zone, *places, "--address", ipv6_of(host.address), "--certificate", certificate,
                            "--key", key)

    def _start_sites(self, host):
        blocks, places = [], []
        for index, name in enumerate(host.names):
            address = host.addresses[index % len(host.addresses)]
            root = self.topology.path("sites", name)
            write_site(root, name, SITES[name])
            certificate, key = self.authority.issue(name)
            blocks.append(nginx_server(address, name, certificate, key, root))
            places.append((host.name, address))
        self.start_nginx(host.name, f"nginx-{host.name}", "".join(blocks))
        return places

    def start_nginx(self, host, what, servers, stream=""):
        """Starts an nginx of its own on a host."""
        folder = self.topology.path(what, "")[:-1]
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(nginx_config(folder, servers, stream))
        return self.topology.start(host, what, NGINX, "-c", path, "-p", folder, "-e", os.path.join(folder, "error.log"))
