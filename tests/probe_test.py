"""Censor mode 13: probes that do not know the secret, against a bridge behind nginx and against an nginx that is nothing else.

    probe_test.py                 every form a few times
    PROBE_ROUNDS=25 probe_test.py more than 1,000 probes of each server
"""

import os
import socket
import statistics
import threading

from bridge_test import BridgeWorld
from bridges import Bridge
from nginx import Nginx, certificate_of, sha256_of, site_of
from people import require, until
from probes import FORMS, OUTSIDE_TLS, RIGHT, WRONG_PATH, Evidence, asks, chance_separation, get, rank_separation
from world import main

ROUNDS = int(os.environ.get("PROBE_ROUNDS", "3"))
WARM_UP = 1  # first meetings, which fill caches


def alike(ask, tries=5):
    """What `ask` gives of two; asked again while the two differ, since on a busy machine an answer may come after a probe has looked."""
    for _ in range(tries):
        one, other = ask()
        if one == other:
            break
    return one, other


class Recorder:
    """A censor's tap: passes one connection on to a port, and notes what the client said before the server answered."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.first_flight, self.whole = b"", b""
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self.port))
            noted = self.connections == 1
            answered = threading.Event()
            threading.Thread(target=self._pump, args=(client, server, answered if noted else None, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, answered if noted else None, False), daemon=True).start()

    def _pump(self, source, target, answered, from_client):
        try:
            while data := source.recv(65536):
                if answered and from_client:
                    self.whole += data
                    if not answered.is_set():
                        self.first_flight += data
                elif answered:
                    answered.set()
                target.sendall(data)
        except OSError:
            pass
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def end(self):
        self.listener.close()


class Probed(BridgeWorld):
    def setUp(self):
        super().setUp()
        self.site = site_of(os.path.join(self.folder, "site"))
        self.certificate, self.key = certificate_of(self.folder)
        self.the_home = self.home()

    def nginx(self, name, **more):
        made = Nginx(os.path.join(self.folder, name), self.site, **more)
        self.started.append(made)
        return made

    def evidence(self, port, path):
        """What a censor has of somebody who used the server on `port`: a whole connection of a real client."""
        tap = Recorder(port)
        self.started.append(tap)
        tapped = tap.listener.getsockname()[1]
        self.the_home.configure(routes=f'["bridge://127.0.0.1:{tapped}{path}?pin={sha256_of(self.certificate)}"]',
                                pin_certificate="false")
        self.person("Vera", self.the_home)
        require(len(tap.first_flight) > 200 and tap.first_flight[0] == 22, "the tap has seen a ClientHello")
        require(len(tap.whole) > len(tap.first_flight), "and what followed")
        return Evidence(tap.first_flight, tap.whole, path)

    def compare(self, first, second, evidence, rounds):
        """Probes both ports by turns; gives {form: (sights of first, sights of second)}."""
        sights = {}
        for form, probe in FORMS.items():
            pair = ([], [])
            for turn in range(WARM_UP + rounds):
                # by turns first and second first, so that neither has the warmer machine
                for which in ((0, 1) if turn % 2 == 0 else (1, 0)):
                    sight = probe((first, second)[which], evidence)
                    # On a busy machine an answer may take longer than is waited for it: who says nothing is asked once more.
                    if sight.seconds is None and sight.ending == "open":
                        sight = probe((first, second)[which], evidence)
                    if turn >= WARM_UP:
                        pair[which].append(sight)
            sights[form] = pair
        return sights


class BehindNginx(Probed):
    def test_no_probe_tells_a_bridge_behind_nginx_from_nginx(self):
        bridge = self.bridge("bridge", self.the_home.link(), "--behind-proxy")
        reference = self.nginx("reference").start_reference(self.certificate, self.key, bridge.path(), bridge.port)
        # The same ticket key, since another one is all by which two equal servers may know their own tickets.
        plain = self.nginx("plain", ticket_key=reference.ticket_key).start_reference(self.certificate, self.key)
        evidence = self.evidence(reference.port, bridge.path())
        sights = self.compare(reference.port, plain.port, evidence, ROUNDS)
        print(f"\n{len(FORMS)} forms, {ROUNDS} times each, median time to the first byte:")
        separations = []
        for form, (bridged, alone) in sights.items():
            with self.subTest(form=form):
                self.assertEqual({(each.seen, each.ending) for each in bridged},
                                 {(each.seen, each.ending) for each in alone})
            times = [[each.seconds for each in side if each.seconds is not None] for side in (bridged, alone)]
            if not times[0] or not times[1]:
                continue
            separations.append(rank_separation(*times))
            print(f"  {form:48} bridge {statistics.median(times[0]) * 1e3:7.3f} ms   nginx "
                  f"{statistics.median(times[1]) * 1e3:7.3f} ms   separation {separations[-1]:.2f}")
        print(f"median separation by time: {statistics.median(separations):.2f}; chance gives "
              f"{chance_separation(ROUNDS):.2f} with so many rounds")

    def test_no_probe_learns_of_a_bridge_whose_home_or_which_itself_is_away(self):
        bridge = self.bridge("bridge", self.the_home.link(), "--behind-proxy")
        reference = self.nginx("reference").start_reference(self.certificate, self.key, bridge.path(), bridge.port)
        plain = self.nginx("plain", ticket_key=reference.ticket_key).start_reference(self.certificate, self.key)
        evidence = self.evidence(reference.port, bridge.path())
        right_upgrade = asks(get(None, RIGHT))
        self.the_home.stop()
        for away in ("home", "bridge"):
            seen = [right_upgrade(port, evidence) for port in (reference.port, plain.port)]
            self.assertEqual(seen[0][:2], seen[1][:2], f"the {away} is away")
            self.assertIn("404 Not Found", seen[0].seen[1])
            if away == "home":
                bridge.kill()


class Standalone(Probed):
    def differences(self, bridge, plain, evidence):
        """Prints where the bridge's own listener differs from nginx; gives the forms."""
        found = []
        for form, (ours, alone) in self.compare(bridge.port, plain.port, evidence, 1).items():
            a, b = ours[0], alone[0]
            if (a.seen, a.ending) == (b.seen, b.ending):
                continue
            found.append(form)
            print(f"  {form:46} ours {self.brief(a)}\n{'':49}nginx {self.brief(b)}")
        print(f"  {len(found)} of {len(FORMS)} forms differ")
        return found

    @staticmethod
    def brief(sight):
        """A status line and the names of the headers; or the records."""
        inside = isinstance(sight.seen[0:1], tuple) and len(sight.seen) == 3 and isinstance(sight.seen[1], str)
        text = sight.seen[1] if inside else sight.seen[0] if sight.seen and isinstance(sight.seen[0], str) else ""
        if not text.startswith("HTTP/1.1"):
            return f"{str(sight.seen)[:100]}, {sight.ending}"
        lines = text.split("\r\n\r\n")[0].split("\r\n")
        names = " ".join(line.split(":")[0] for line in lines[1:])
        goodbye = ", close_notify" if inside and sight.seen[2] == "close_notify" else ""
        return f"{lines[0][9:12]} [{names}] {len(text)} bytes{goodbye}, {sight.ending}"

    def standalone(self, *options):
        bridge = self.bridge("bridge", self.the_home.link(), "--cert", self.certificate, "--key", self.key, *options)
        plain = self.nginx("plain").start_reference(self.certificate, self.key)
        return bridge, plain, self.evidence(bridge.port, bridge.path())

    def test_what_differs_with_a_site_folder_is_printed(self):
        bridge, plain, evidence = self.standalone("--site", self.site)
        print("\na standalone bridge with --site FOLDER, beside nginx:")
        found = self.differences(bridge, plain, evidence)
        self.assertNotIn("nothing at all", found)
        for form, probe in FORMS.items():
            if not form.startswith("the right path"):
                continue
            with self.subTest(form=form):
                right, wrong = alike(lambda probe=probe: [probe(bridge.port, evidence._replace(path=path))[:2] for path in (bridge.path(), WRONG_PATH)])
                self.assertEqual(right, wrong, "a path that is there is answered like one that is not")

    def test_with_a_site_upstream_the_answers_inside_tls_are_the_upstreams(self):
        upstream = self.nginx("upstream").start_plain_http()
        bridge, plain, evidence = self.standalone("--site-upstream", f"http://127.0.0.1:{upstream.port}")
        print("\na standalone bridge with --site-upstream NGINX, beside nginx:")
        self.differences(bridge, plain, evidence)
        for form, probe in FORMS.items():
            if form in OUTSIDE_TLS or form == "HTTP/2 offered":
                continue
            def inside(probe=probe):
                ours, upstreams = [probe(port, evidence).seen[1] for port in (bridge.port, plain.port)]
                # The upstream makes a redirect's address of what it knows: http and its own port.
                return ours.replace(f"http://bridge.example:{upstream.port}", "https://bridge.example:*"), upstreams

            with self.subTest(form=form):
                self.assertEqual(*alike(inside))


if __name__ == "__main__":
    main()
