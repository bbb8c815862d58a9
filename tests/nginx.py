"""A real nginx for whole-program tests, run as an ordinary user in a folder of its own."""

import os
import re
import shutil
import socket
import subprocess

from people import free_port, require, run, until

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")

MAIN = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  types {{ text/html html; image/png png; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_session_ticket_key {ticket_key};
  client_header_timeout {header_timeout};
  access_log off;
  include {folder}/site.conf;
}}
"""
PLAIN_HTTP = "server {{ listen 127.0.0.1:{port}; root {root}; location / {{ try_files $uri $uri/ =404; }} }}\n"


def site_of(folder):
    """A small web site in `folder`; gives its path."""
    os.makedirs(os.path.join(folder, "sub"), exist_ok=True)
    for name, text in (("index.html", "<h1>Bicycles</h1>\n" * 40), ("sub/index.html", "<h1>Wheels</h1>\n")):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.utime(path, (1700000000, 1700000000))
    return folder


def certificate_of(folder, name="bridge.example"):
    """A self-signed certificate; gives (certificate, key)."""
    certificate, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    code, _, err = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                       "-keyout", key, "-out", certificate, "-days", "30", "-subj", "/CN=" + name)
    require(code == 0, err)
    return certificate, key


def sha256_of(certificate):
    """Its pin as a route has it: base64url of the SHA-256 of its DER."""
    script = "import sys,ssl,hashlib,base64; d=ssl.PEM_cert_to_DER_cert(open(sys.argv[1]).read()); " \
             "print(base64.urlsafe_b64encode(hashlib.sha256(d).digest()).decode().rstrip('='))"
    return run("python3", "-c", script, certificate)[1].strip()


def reference_text(places, certificate, key, site, secret=None, inner_port=None):
    """docs/nginx/godwit.conf, listening on `places` ("address:port"); without `secret` the same site that is nothing else."""
    with open(os.path.join(ROOT, "docs", "nginx", "godwit.conf"), encoding="utf-8") as file:
        text = file.read()
    live = "/etc/letsencrypt/live/bridge.example/"
    listens = "".join(f"    listen {place} ssl http2;\n" for place in places)
    for old, new in (("    listen 443 ssl http2;\n", listens), ("    listen [::]:443 ssl http2;\n", ""),
                     (live + "fullchain.pem", certificate), (live + "privkey.pem", key), ("/var/www/html", site)):
        require(old in text, f"docs/nginx/godwit.conf has {old!r}")
        text = text.replace(old, new)
    if secret:
        return text.replace("/SECRET", secret).replace(":8443;", f":{inner_port};")
    start, end = text.index("    # Anything but a correct upgrade"), text.rindex("}")
    text = re.sub(r"(?s)^map .*?\n}\n", "", text[:start] + text[end:], flags=re.MULTILINE)
    require("@godwit" not in text and "$godwit" not in text, text)
    return text


class Nginx:
    """One nginx: with the configuration of docs/nginx/godwit.conf, without its secret location, or without TLS."""

    def __init__(self, folder, site, ticket_key=None, header_timeout="60s"):
        require(PROGRAM, "nginx is not installed (Debian: nginx-light)")
        self.folder = str(folder)
        self.site = site
        self.port = free_port()
        self.process = None
        self.ticket_key = ticket_key or os.path.join(self.folder, "tickets")
        self.header_timeout = header_timeout
        os.makedirs(self.folder)
        if not ticket_key:
            with open(self.ticket_key, "wb") as file:
                file.write(os.urandom(48))

    def start_reference(self, certificate, key, secret=None, inner_port=None):
        """docs/nginx/godwit.conf with its words changed; without `secret` the same site that is nothing else."""
        return self._start(reference_text([f"127.0.0.1:{self.port}"], certificate, key, self.site, secret, inner_port))

    def start_plain_http(self):
        """The site without TLS."""
        return self._start(PLAIN_HTTP.format(port=self.port, root=self.site))

    def _start(self, text):
        with open(os.path.join(self.folder, "site.conf"), "w", encoding="utf-8") as file:
            file.write(text)
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            user = "user root;" if os.geteuid() == 0 else ""  # else its workers could not read the folder
            file.write(MAIN.format(user=user, folder=self.folder, ticket_key=self.ticket_key, header_timeout=self.header_timeout))
        self.log = os.path.join(self.folder, "out")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "-e", "stderr", "-p", self.folder, "-c", path],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        until(self.listens, "nginx listens")
        return self

    def listens(self):
        """True once it accepts; a Failure if it has ended."""
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8") as file:
                require(False, f"nginx has ended: {file.read()}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self):
        """Ends it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None
