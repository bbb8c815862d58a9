"""Every way to a home that a client can dial: real transports, proxies, and names that are lied about."""

import os
import shutil
import socket
import ssl
import struct
import subprocess

from people import Person, free_port, meet, require, until
from proxies import Server, exactly, http_proxy, socks5_proxy, splice
from world import World, main


def dns_answer(query, address):
    """An answer to a query with one A record, none for AAAA; `address` None: no such name."""
    wants_a = query[-4:-2] == b"\x00\x01"
    code = 0x80 if address else 0x83
    out = bytearray(query)
    out[2:4] = bytes([0x81, code])
    if address and wants_a:
        out[7] = 1
        out += b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + socket.inet_aton(address)
    return bytes(out)


def tcp_name_server(address):
    """Plain DNS over TCP that says `address` to everything."""
    def handle(client):
        while True:
            query = exactly(client, struct.unpack(">H", exactly(client, 2))[0])
            answer = dns_answer(query, address)
            client.sendall(struct.pack(">H", len(answer)) + answer)
    return Server(handle)


def https_name_server(address, certificate, key):
    """DNS over HTTPS likewise."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def handle(raw):
        with context.wrap_socket(raw, server_side=True) as client:
            text = b""
            while True:
                while b"\r\n\r\n" not in text:
                    chunk = client.recv(4096)
                    if not chunk:
                        return
                    text += chunk
                head, text = text.split(b"\r\n\r\n", 1)
                length = int(next(line.split(b":")[1] for line in head.split(b"\r\n")
                                  if line.lower().startswith(b"content-length:")))
                while len(text) < length:
                    text += client.recv(4096)
                answer = dns_answer(text[:length], address)
                text = text[length:]
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: "
                               + str(len(answer)).encode() + b"\r\n\r\n" + answer)
    return Server(handle)


class Routes(World):
    """What all classes here need."""

    def setUp(self):
        super().setUp()
        self.servers = []

    def tearDown(self):
        super().tearDown()
        for each in self.servers:
            each.end()

    def serve(self, server):
        self.servers.append(server)
        return server

    def talk(self, home, **environment):
        """Two people at `home`, by what `environment` says, say something to each other."""
        people = []
        for name in ("Anna", "Boris"):
            person = self.start_person(name, home, **environment)
            people.append(person)
        anna, boris = people
        chat = meet(anna, boris)
        anna.must("send", "Boris", "there")
        self.assertIn("there", boris.must("listen", "--count", "1", "--timeout", "20"))
        boris.must("send", "Anna", "and back")
        self.assertIn("and back", anna.must("listen", "--count", "1", "--timeout", "20"))
        self.assert_said(anna, chat, [(True, "there"), (False, "and back")])
        return anna, boris

    def start_person(self, name, home, link=None, **environment):
        """A person whose programs get `environment`."""
        person = Person(name, os.path.join(self.folder, name.lower()))
        person.environment = environment
        self.started.append(person)
        person.new(link or home.link())
        return person

    def fake_program(self, name, text):
        """An executable script."""
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o700)
        return path


class Transports(Routes):
    def obfs4_home(self):
        """A home that is reached by obfs4 alone."""
        if not shutil.which("obfs4proxy"):
            self.skipTest("SKIPPED: obfs4proxy is not installed")
        home = self.home()
        home.stop()
        self.obfs4_port = free_port()
        with open(os.path.join(home.folder, "config.toml"), "a", encoding="utf-8") as file:
            file.write(f'\n[[transport]]\nname = "obfs4"\nprogram = "obfs4proxy"\n'
                       f'listen = "127.0.0.1:{self.obfs4_port}"\naddress = "127.0.0.1:{self.obfs4_port}"\n')
        home.start()
        until(lambda: "obfs4://" in home.log_text(), "the transport serves")
        return home

    def test_a_session_is_carried_by_obfs4_end_to_end(self):
        home = self.obfs4_home()
        code, out, err = home.call("routes")
        self.assertEqual(code, 0, err)
        wss, obfs4 = out.split()
        self.assertTrue(wss.startswith("wss://"))
        self.assertRegex(obfs4, rf"^obfs4://127\.0\.0\.1:{self.obfs4_port}\?cert=[A-Za-z0-9+/]+&iat-mode=0$")
        # Links that know no other way.
        home.configure(routes=f'["{obfs4}"]')
        self.talk(home)

    def test_the_transport_keeps_its_keys_over_a_restart_and_comes_back_when_it_is_killed(self):
        home = self.obfs4_home()
        before = home.call("routes")[1]
        home.stop()
        self.assertNotIn("obfs4", home.call("routes")[1], "nothing serves it")
        home.start()
        until(lambda: "obfs4" in home.call("routes")[1], "it serves again")
        self.assertEqual(home.call("routes")[1], before)
        child = subprocess.run(["pgrep", "-P", str(home.process.pid)], capture_output=True, text=True, check=True).stdout
        os.kill(int(child.split()[0]), 9)
        until(lambda: "transport_program_ended" in home.log_text(), "the home says so")
        until(lambda: home.log_text().count("listening on obfs4") >= 3, "it serves again")

    def test_a_home_whose_program_is_missing_says_so_and_serves_the_rest(self):
        home = self.home()
        home.stop()
        with open(os.path.join(home.folder, "config.toml"), "a", encoding="utf-8") as file:
            file.write('\n[[transport]]\nname = "obfs4"\nprogram = "no-such-program"\nlisten = "127.0.0.1:1"\n')
        home.start()
        until(lambda: "transport_program_missing" in home.log_text(), "the home says so")
        self.assertIn("connected", self.person("Anna", home).must("status"))

    def test_programs_that_hang_crash_or_lie_end_in_clear_words(self):
        home = self.obfs4_home()
        home.configure(routes=f'["{home.call("routes")[1].split()[1]}"]')
        anna = self.person("Anna", home)
        cases = {"hang": ("#!/bin/sh\nexec sleep 1000\n", "has not said in time"),
                 "crash": ("#!/bin/sh\necho broken >&2\nexit 3\n", "broken"),
                 "garbage": ("#!/bin/sh\nhead -c 200000 /dev/urandom\n", "has ended"),
                 "refuse": ("#!/bin/sh\necho VERSION-ERROR no-version\ncat\n", "no version")}
        for name, (text, words) in cases.items():
            program = self.fake_program(name, text)
            anna.environment = {"GODWIT_TRANSPORT": f"obfs4={program}"}
            code, _, err = anna.godwit("status", timeout=60)
            self.assertNotEqual(code, 0, err)
            self.assertIn("transport obfs4", err)
            self.assertIn(words, err)
            left = subprocess.run(["pgrep", "-f", program], capture_output=True, text=True, check=False).stdout
            self.assertEqual(left, "", "the program ended with us")


class Proxies(Routes):
    def test_everything_goes_through_the_users_socks_proxy(self):
        home = self.home()
        proxy = self.serve(socks5_proxy("me", "secret"))
        self.talk(home, GODWIT_PROXY=f"socks5://me:secret@127.0.0.1:{proxy.port}")
        self.assertGreater(proxy.count, 0)

    def test_everything_goes_through_the_users_http_proxy(self):
        home = self.home()
        seen = []
        proxy = self.serve(http_proxy(seen))
        self.talk(home, GODWIT_PROXY=f"http://127.0.0.1:{proxy.port}")
        self.assertTrue(seen and seen[0].startswith(f"CONNECT 127.0.0.1:{home.port} HTTP/1.1\r\n"), seen[:1])

    def test_the_proxy_resolves_names_and_the_system_is_not_asked(self):
        home = self.home()
        home.configure(host='"home.invalid.example"')
        proxy = self.serve(socks5_proxy(names={"home.invalid.example": "127.0.0.1"}))
        self.start_person("Anna", home, GODWIT_PROXY=f"socks5://127.0.0.1:{proxy.port}")

    def test_a_wrong_login_and_a_wrong_url_are_said(self):
        home = self.home()
        proxy = self.serve(socks5_proxy("me", "secret"))
        anna = self.person("Anna", home)
        anna.environment = {"GODWIT_PROXY": f"socks5://me:wrong@127.0.0.1:{proxy.port}"}
        self.assertIn("The proxy does not accept the user", anna.godwit("status", timeout=60)[1])
        anna.environment = {"GODWIT_PROXY": "proxy.example"}
        self.assert_fails(anna.godwit("status"), 1, "routes_bad_proxy")

    def test_an_onion_route_is_asked_of_tor(self):
        home = self.home()
        onion = "a" * 56 + ".onion"
        stream = free_port()
        home.stop()
        home.configure(routes=f'["onion://{onion}"]', stream_port=str(stream))
        home.start()

        def handle(client):  # a Tor whose onion service is the home's stream port
            exactly(client, 3)
            client.sendall(b"\x05\x00")
            exactly(client, 4)
            name = exactly(client, exactly(client, 1)[0]).decode()
            exactly(client, 2)
            require(name == onion, name)
            upstream = socket.create_connection(("127.0.0.1", stream), 10)
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            splice(client, upstream)
        tor = self.serve(Server(handle))
        self.talk(home, GODWIT_TOR=f"127.0.0.1:{tor.port}")


class Names(Routes):
    def named_home(self, name="home.names.example"):
        """A home whose links have a name that no resolver of this machine knows."""
        home = self.home()
        home.configure(host=f'"{name}"')
        return home

    def resolvers(self, *lines):
        """A file of name servers."""
        path = os.path.join(self.folder, "resolvers")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def pin_of(self, home):
        """SHA-256 of the home's certificate as a list of resolvers has it, and its files."""
        import base64
        import hashlib
        certificate, key = (os.path.join(home.folder, name) for name in ("certificate.pem", "certificate.key"))
        with open(certificate, encoding="utf-8") as file:
            der = ssl.PEM_cert_to_DER_cert(file.read())
        return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("="), certificate, key

    def test_a_name_that_the_system_hides_is_found_by_https_though_plain_answers_are_forged(self):
        home = self.named_home()
        pin, certificate, key = self.pin_of(home)
        forged = self.serve(tcp_name_server("10.10.34.35"))
        honest = self.serve(https_name_server("127.0.0.1", certificate, key))
        path = self.resolvers(f"https://127.0.0.1:{honest.port}/dns-query 127.0.0.1 pin={pin}",
                              f"tcp 127.0.0.1 {forged.port}")
        anna = self.start_person("Anna", home, GODWIT_RESOLVERS=path)
        self.assertIn("connected", anna.must("status"))
        self.assertGreater(honest.count, 0)

    def test_a_name_is_found_over_tcp_when_https_is_dead(self):
        home = self.named_home()
        dead = free_port()
        honest = self.serve(tcp_name_server("127.0.0.1"))
        path = self.resolvers(f"https://dns.example:{dead}/dns-query 127.0.0.1", f"tcp 127.0.0.1 {honest.port}")
        anna = self.start_person("Anna", home, GODWIT_RESOLVERS=path)
        self.assertIn("connected", anna.must("status"))

    def test_a_file_that_is_no_list_is_said(self):
        home = self.home()
        anna = self.person("Anna", home)
        anna.environment = {"GODWIT_RESOLVERS": self.resolvers("udp 127.0.0.1")}
        self.assert_fails(anna.godwit("status"), 1, "routes_bad_resolver_list")


if __name__ == "__main__":
    main()
