"""`lab/run --probe N`: can a home be told from a plain web server by asking it? Prints the prober's tables."""

import os
import socket
import subprocess

from godwit_system import HOME_PATH, LabHome
from lab import Lab
from people import Person, binaries
from prober import PATIENCE, compare, connector
from servers import nginx_server, write_site

SITE = (18_000, 40_000)  # bytes of the page and the picture that both sides show
INNER_PORT = 8443

HOME_LOCATION = f"""location = {HOME_PATH} {{ proxy_pass http://127.0.0.1:{INNER_PORT}; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_set_header Host $host;
        proxy_buffering off; proxy_read_timeout 1h; }}"""


def first_payload(lab, home):
    """The first bytes that a real client sends, caught by a listener in the home's place."""
    address = lab.topology.hosts[home.host].address
    listener = lab.topology.within(home.host, lambda: socket.create_server((address, home.port)))
    person = Person("Anna", lab.topology.path("probing", "anna"))
    words = [*lab.topology.prefix("user"), os.path.join(binaries(), "godwit"), *person.globals(), "new", "--name", "Anna",
             "--home", home.link()]
    client = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={**os.environ, **lab.servers.environment}, start_new_session=True)
    try:
        listener.settimeout(30)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            payload = connection.recv(65536)
    finally:
        listener.close()
        client.kill()
        client.wait()
    return payload


class Deployments:
    """A home as operators set it up, and its twin: a plain nginx with the same page and the same certificate."""

    def __init__(self, lab):
        self.lab = lab
        self.site = lab.topology.path("sites", "home.example")
        write_site(self.site, "home.example", SITE)
        self.home = LabHome(lab, "home", lab.topology.path("home"))
        self.home.init()
        folder = lab.servers.authority.folder
        self.certificate = (os.path.join(folder, "home.example.pem"), os.path.join(folder, "home.example.key"))
        self.address = lab.topology.hosts["home"].address
        self.twin = lab.topology.hosts["home2"].address

    def start_twin(self):
        """The plain nginx."""
        self._nginx("home2", "nginx-twin", "")

    def _nginx(self, host, what, locations):
        address = self.lab.topology.hosts[host].address
        self.lab.servers.start_nginx(host, what, nginx_server(address, "home.example", *self.certificate, self.site,
                                                              locations=locations))
        self.lab.topology.wait_listening(host, address, 443, what)

    def standalone(self):
        """godwit-home does TLS and the site itself."""
        self.home.configure(site=f'"{self.site}"')
        self.home.start()

    def behind_nginx(self):
        """The reference deployment: nginx does TLS and the site, and hands one path on."""
        self.home.stop()
        self.home.configure(behind_proxy="true", addresses='["127.0.0.1"]', port=str(INNER_PORT))
        self.home.place = ("127.0.0.1", INNER_PORT)
        self.home.start()
        self._nginx("home", "nginx-home", HOME_LOCATION)

    def compare(self, payload, count):
        """The prober's table; gives how often the better guess is right."""
        ask = (lambda address: lambda: self.lab.topology.within("probe", connector(address, 443)))
        return compare(ask(self.address), ask(self.twin), payload, count, PATIENCE)


def run(count):
    """Both deployments; 0."""
    with Lab() as lab:
        deployments = Deployments(lab)
        try:
            payload = first_payload(lab, deployments.home)
            print(f"a client's first payload has {len(payload)} bytes; {count} probes of each form and side\n", flush=True)
            deployments.start_twin()
            for name, start in (("standalone home", deployments.standalone), ("home behind nginx", deployments.behind_nginx)):
                start()
                print(f"--- {name}, beside a plain nginx with the same page and certificate", flush=True)
                deployments.compare(payload, count)
                print(flush=True)
        finally:
            deployments.home.end()
    return 0
