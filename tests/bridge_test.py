"""People who reach their home only by bridges."""

import hashlib
import json
import os
import signal
import socket
import ssl
import stat
import time
import urllib.request

from bridges import Bridge, LyingBridge, TalkativeHome
from nginx import Nginx, certificate_of, sha256_of, site_of
from people import Failure, binaries, run, until
from probes import RIGHT
from world import World, main


class BridgeWorld(World):
    def bridge(self, name, home_route, *options):
        """A bridge that runs."""
        bridge = Bridge(os.path.join(self.folder, name), home_route, *options)
        self.started.append(bridge)
        return bridge.start()

    def only_by(self, home, *bridges):
        """From now on the links of `home` name these bridges and no other way."""
        home.configure(routes=json.dumps([bridge.link() for bridge in bridges]), pin_certificate="false")


class Passing(BridgeWorld):
    def talk(self, home, anna, boris, chat, harm):
        """Text both ways, with `harm()` in between; nothing is lost and nothing shown twice."""
        anna.start()
        boris.start()
        said = {anna: [], boris: []}
        for number in range(12):
            for person in (anna, boris):
                text = f"{person.name} {number} " + "x" * (number * 90)
                person.ask("send_text", chat=chat, text=text)
                said[person].append(text)
            if number in (4, 8):
                harm()
        anna.received(said[boris][-1], timeout=60)
        boris.received(said[anna][-1], timeout=60)
        anna.stop()
        boris.stop()
        for person, other in ((anna, boris), (boris, anna)):
            seen = person.history(chat)
            self.assertEqual([each["text"] for each in seen if each["own"]], said[person])
            self.assertEqual([each["text"] for each in seen if not each["own"]], said[other])

    def test_text_passes_one_bridge_that_is_killed_in_the_middle(self):
        home = self.home()
        bridge = self.bridge("bridge", home.link())
        self.only_by(home, bridge)
        anna, boris, chat = self.pair(home)

        def harm():
            bridge.kill()
            time.sleep(0.2)
            bridge.start()

        self.talk(home, anna, boris, chat, harm)
        self.assertEqual(bridge.stop(), 0)
        self.assertIn("passages", bridge.log_text())

    def test_text_passes_two_bridges_in_a_row_and_the_killed_one_comes_back(self):
        home = self.home()
        foreign = self.bridge("foreign", home.link())
        domestic = self.bridge("domestic", foreign.link(), "--source-connections", "0")
        self.only_by(home, domestic)
        anna, boris, chat = self.pair(home)

        def harm():
            foreign.kill()
            time.sleep(0.2)
            foreign.start()

        self.talk(home, anna, boris, chat, harm)

    def test_text_passes_nginx_and_bridge_and_nginx_and_home_by_the_documented_configuration(self):
        site = site_of(os.path.join(self.folder, "site"))
        certificate, key = certificate_of(self.folder)
        pin = sha256_of(certificate)
        home = self.home(behind_proxy="true", pin_certificate="false", addresses='["127.0.0.1"]')
        before_home = Nginx(os.path.join(self.folder, "nginx-home"), site)
        self.started.append(before_home)
        before_home.start_reference(certificate, key, "/ws", home.port)
        bridge = self.bridge("bridge", f"wss://127.0.0.1:{before_home.port}/ws?pin={pin}", "--behind-proxy")
        before_bridge = Nginx(os.path.join(self.folder, "nginx-bridge"), site)
        self.started.append(before_bridge)
        before_bridge.start_reference(certificate, key, bridge.path(), bridge.port)
        route = f"bridge://127.0.0.1:{before_bridge.port}{bridge.path()}?pin={pin}"
        home.configure(routes=json.dumps([route]))
        anna, boris, chat = self.pair(home)

        def harm():
            bridge.kill()
            time.sleep(0.2)
            bridge.start()

        self.talk(home, anna, boris, chat, harm)

    def test_a_person_who_does_not_read_fills_no_memory_and_gets_all_in_the_end(self):
        home = TalkativeHome(3000)  # 48 MB
        self.started.append(home)
        bridge = self.bridge("bridge", f"ws://127.0.0.1:{home.port}/x")
        before = memory_of(bridge)
        context = ssl._create_unverified_context()  # noqa: SLF001
        line = context.wrap_socket(socket.create_connection(("127.0.0.1", bridge.port)))
        line.sendall(f"GET {bridge.path()} HTTP/1.1\r\nHost: x\r\n{RIGHT}\r\n".encode())
        until(lambda: home.sent > 20, "it begins")
        last = -1
        while home.sent != last:  # until the kernels' buffers are full too
            last = home.sent
            time.sleep(0.5)
        self.assertLess(home.sent, 3000, "it waits")
        self.assertLess(memory_of(bridge) - before, 4 << 20)
        data = bytearray()
        while chunk := line.recv(1 << 20):
            data += chunk
        data = bytes(data).split(b"\r\n\r\n", 1)[1]
        seen, at = bytearray(), 0
        while data[at] == 0x82:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2:at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2:at + 10], "big"), at + 10
            seen += data[start:start + size]
            at = start + size
        self.assertEqual(hashlib.sha256(seen).digest(),
                         hashlib.sha256(b"".join(home.piece(number) for number in range(3000))).digest())
        self.assertEqual(data[at], 0x88, "and then a close frame")
        line.close()

    def test_a_home_on_the_same_machine_is_reached_without_tls(self):
        home = self.home(behind_proxy="true", pin_certificate="false", addresses='["127.0.0.1"]')
        bridge = self.bridge("bridge", f"ws://127.0.0.1:{home.port}/ws")
        self.only_by(home, bridge)
        anna, boris, chat = self.pair(home)
        self.talk(home, anna, boris, chat, lambda: None)


class Lying(BridgeWorld):
    """What a bridge can do with what it sees: make things late, and nothing else."""

    def liar(self, home, lie):
        """A lying bridge before `home`, which is the only way from now on."""
        certificate, key = certificate_of(self.folder, "liar")
        liar = LyingBridge(self.folder, home.port, lie, certificate, key)
        self.started.append(liar)
        home.configure(routes=f'["bridge://127.0.0.1:{liar.port}/ws?pin={sha256_of(certificate)}"]', pin_certificate="false")
        return liar

    def both_talk(self, home, anna, boris, chat, liar, lie):
        """Text both ways while the bridge lies, then while it is honest: all arrives, once and in order."""
        anna.start()
        boris.start()
        liar.lie = lie
        said = {anna: [], boris: []}
        for number in range(6):
            for person in (anna, boris):
                text = f"{person.name} {number} " + "y" * 300
                person.ask("send_text", chat=chat, text=text)
                said[person].append(text)
            time.sleep(0.2)
        until(lambda: liar.connections > 0, "the bridge was used")
        time.sleep(1.0)
        liar.lie = honest
        anna.received(said[boris][-1], timeout=60)
        boris.received(said[anna][-1], timeout=60)
        anna.stop()
        boris.stop()
        for person, other in ((anna, boris), (boris, anna)):
            seen = person.history(chat)
            self.assertEqual([each["text"] for each in seen if each["own"]], said[person])
            self.assertEqual([each["text"] for each in seen if not each["own"]], said[other])

    def lied_to(self, lie):
        home = self.home()
        liar = self.liar(home, honest)
        anna, boris, chat = self.pair(home)
        before = liar.connections
        self.both_talk(home, anna, boris, chat, liar, lie)
        return liar, before

    def test_a_bridge_that_cuts_loses_nothing(self):
        def cut(liar, _, data):
            return None if liar.dice.random() < 0.15 else data

        liar, before = self.lied_to(cut)
        self.assertGreater(liar.connections, before + 2, "it has cut")

    def test_a_bridge_that_changes_bytes_changes_no_message(self):
        changed = []

        def change(liar, _, data):
            if liar.dice.random() < 0.3 and len(data) > 60:
                changed.append(1)
                return data[:-20] + bytes([data[-20] ^ 0x40]) + data[-19:]
            return data

        self.lied_to(change)
        self.assertTrue(changed)

    def test_a_bridge_that_delays_and_splits_loses_nothing(self):
        def delay(liar, _, data):
            time.sleep(liar.dice.random() * 0.4)
            return data

        self.lied_to(delay)

    def test_a_bridge_that_repeats_what_it_saw_delivers_nothing_twice(self):
        replayed = []

        def replay(liar, direction, data):
            # Each earlier connection is played to the home once more, from its first byte.
            if direction == "up" and len(liar.recorded) > 2 and len(replayed) < 12:
                line = liar.dial()
                line.sendall(bytes(liar.recorded[len(replayed) % (len(liar.recorded) - 1)]))
                line.settimeout(0.3)
                try:
                    line.recv(65536)
                except (OSError, TimeoutError):
                    pass
                line.close()
                replayed.append(1)
            return data

        def replay_and_cut(liar, direction, data):
            data = replay(liar, direction, data)
            return None if liar.dice.random() < 0.1 else data

        self.lied_to(replay_and_cut)
        self.assertTrue(replayed)

    def test_a_bridge_that_leads_to_another_home_is_found_out(self):
        home, other = self.home("home"), self.home("other")
        liar = self.liar(home, honest)
        anna, boris, chat = self.pair(home)
        liar.upstream_port = other.port
        before = liar.connections
        code, _, err = anna.godwit("send", "Boris", "for the right home only", "--wait", "4")
        self.assertEqual(code, 5, err)
        self.assertGreater(liar.connections, before, "it was tried")
        liar.upstream_port = home.port
        boris.start()
        anna.start()
        boris.received("for the right home only", timeout=60)
        anna.stop()
        boris.stop()
        self.assert_said(boris, chat, [(False, "for the right home only")])


class Options(BridgeWorld):
    def complains(self, code, name, *options):
        """`run` with these options ends with `code`, and names what is wrong."""
        ended, out, err = run(os.path.join(binaries(), "godwit-bridge"), "run", "--folder",
                              os.path.join(self.folder, "b"), *options)
        self.assertEqual((ended, out), (code, ""), err)
        self.assertIn(name, err)

    def test_what_cannot_be_is_refused_and_the_option_is_named(self):
        good = ("--home", "wss://192.0.2.1/x", "--host", "192.0.2.2")
        self.complains(2, "--home")
        self.complains(3, "--home", "--home", "godwit-home:AAAA")
        self.complains(3, "--home", "--home", "obfs4://192.0.2.1:1?cert=x")
        self.complains(3, "--host", "--home", good[1], "--host", "not a name")
        self.complains(3, "--cert", *good, "--cert", "x")
        self.complains(3, "--pin", *good, "--behind-proxy", "--pin")
        self.complains(3, "--source-bytes-per-day", *good, "--behind-proxy", "--source-bytes-per-day", "1G")
        self.complains(3, "--site-upstream", *good, "--site", "/tmp", "--site-upstream", "http://127.0.0.1:1")
        self.complains(3, "--memory", *good, "--memory", "1M")
        self.complains(2, "--idle-minutes", *good, "--idle-minutes", "0")
        self.complains(5, "--cert", *good, "--cert", "/nowhere", "--key", "/nowhere", "--port", "0")
        self.complains(5, "--site", *good, "--site", "/nowhere/at/all", "--port", "0")
        self.complains(5, "--address", *good, "--address", "localhost", "--port", "0")
        self.complains(3, "--site-upstream", *good, "--site-upstream", "http://localhost", "--port", "0")

    def test_help_tells_a_stranger_what_it_is(self):
        code, out, _ = run(os.path.join(binaries(), "godwit-bridge"), "--help")
        self.assertEqual(code, 0)
        for words in ("blocked", "cannot read", "logs nothing", "run --home LINK", "never publish"):
            self.assertIn(words, out)

    def test_the_secret_is_made_once_for_its_owner_only_and_each_home_has_its_own(self):
        bridge = self.bridge("bridge", "wss://192.0.2.1/x", "--home", "wss://192.0.2.2/y")
        with open(os.path.join(bridge.folder, "link"), encoding="utf-8") as file:
            links = file.read().split()
        self.assertEqual(len(set(links)), 2)
        for name in ("secret", "link", "certificate.key"):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(bridge.folder, name)).st_mode), 0o600)
        self.assertEqual(bridge.stop(), 0)
        bridge.start()
        with open(os.path.join(bridge.folder, "link"), encoding="utf-8") as file:
            self.assertEqual(file.read().split(), links)
        bridge.stop()
        os.chmod(os.path.join(bridge.folder, "secret"), 0o644)
        self.complains_of_secret(bridge)

    def complains_of_secret(self, bridge):
        code, _, err = run(os.path.join(binaries(), "godwit-bridge"), "run", "--folder", bridge.folder, "--home",
                           bridge.home, "--host", "127.0.0.1", "--port", "0")
        self.assertEqual(code, 3)
        self.assertIn("[bridge_bad_secret]", err)

    def test_it_writes_nothing_about_people(self):
        home = self.home()
        bridge = self.bridge("bridge", home.link())
        self.only_by(home, bridge)
        anna, boris, _ = self.pair(home)
        anna.must("send", "Boris", "hello")
        self.assertEqual(bridge.stop(), 0)
        log = bridge.log_text()
        self.assertRegex(log, r"passages [1-9]")
        self.assertEqual(len(log.splitlines()), 2 + log.count("only its own network"), log)  # the link, and sums at the end
        self.assertEqual(set(os.listdir(bridge.folder)), {"secret", "link", "certificate.pem", "certificate.key"})


class Certificates(BridgeWorld):
    def reloaded(self, server, port, certificate, key, new):
        """Puts `new` into the place of the certificate, says so by SIGHUP, and waits until it is shown."""
        for source, target in zip(new, (certificate, key)):
            os.replace(source, target)
        server.process.send_signal(signal.SIGHUP)
        with open(certificate, encoding="utf-8") as file:
            wanted = ssl.PEM_cert_to_DER_cert(file.read())
        until(lambda: shown_certificate(port) == wanted, "the new certificate is shown")

    def test_home_and_bridge_take_a_new_certificate_and_drop_nobody(self):
        # A client that dials anew within the change, for a reason of its own, is refused by the pin of its link: that is not what
        # is looked at here. One that is always dropped is.
        for attempt in range(3):
            try:
                return self.change_certificates()
            except Failure:
                if attempt == 2:
                    raise
                self.tearDown()
                self.setUp()

    def change_certificates(self):
        home = self.home(pin_certificate="false")
        pin = sha256_of(os.path.join(home.folder, "certificate.pem"))
        certificate, key = certificate_of(self.folder, "bridge")
        bridge = self.bridge("bridge", f"wss://127.0.0.1:{home.port}/ws?pin={pin}", "--cert", certificate, "--key", key)
        home.configure(routes=f'["{bridge.link()}?pin={sha256_of(certificate)}"]')
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        anna.ask("send_text", chat=chat, text="before")
        boris.received("before")
        self.reloaded(bridge, bridge.port, certificate, key, certificate_of(self.folder, "new"))
        self.reloaded(home, home.port, os.path.join(home.folder, "certificate.pem"),
                      os.path.join(home.folder, "certificate.key"), certificate_of(self.folder, "newer"))
        said = len(anna.notices), len(boris.notices)
        anna.ask("send_text", chat=chat, text="after")
        boris.received("after")
        boris.ask("send_text", chat=chat, text="and back")
        anna.received("and back")
        self.assertFalse([line for person, start in zip((anna, boris), said) for _, line in person.notices[start:]
                          if "route" in line["method"] or "connection" in line["method"]], "nobody had to reconnect")
        anna.stop()
        boris.stop()

    def test_a_certificate_that_is_none_is_not_taken(self):
        certificate, key = certificate_of(self.folder, "bridge")
        bridge = self.bridge("bridge", "wss://192.0.2.1/x", "--cert", certificate, "--key", key)
        before = shown_certificate(bridge.port)
        with open(certificate, "w", encoding="utf-8") as file:
            file.write("no certificate\n")
        bridge.process.send_signal(signal.SIGHUP)
        until(lambda: "was not read again" in bridge.log_text(), "it says so")
        self.assertEqual(shown_certificate(bridge.port), before)

    def test_the_site_folder_answers_an_acme_client(self):
        site = site_of(os.path.join(self.folder, "site"))
        challenges = os.path.join(site, ".well-known", "acme-challenge")
        os.makedirs(challenges)
        with open(os.path.join(challenges, "token"), "w", encoding="utf-8") as file:
            file.write("token.thumbprint")
        bridge = self.bridge("bridge", "wss://192.0.2.1/x", "--site", site)
        context = ssl._create_unverified_context()  # noqa: SLF001
        url = f"https://127.0.0.1:{bridge.port}/.well-known/acme-challenge/token"
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            self.assertEqual(answer.read(), b"token.thumbprint")


def memory_of(bridge):
    """Bytes of a running bridge that are in memory."""
    with open(f"/proc/{bridge.process.pid}/status", encoding="utf-8") as file:
        return int([line for line in file if line.startswith("VmRSS")][0].split()[1]) * 1024


def honest(_liar, _direction, data):
    """No lie."""
    return data


def shown_certificate(port):
    """The certificate that a server shows now, as DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as line:
        return line.getpeercert(binary_form=True)


if __name__ == "__main__":
    main()
