#!/usr/bin/env python3
"""Homes whose store is in a cluster of NATS servers: one has it, the others are its fronts, and one of them takes over."""

import os
import shutil
import subprocess
import unittest

from nats import NO_PROGRAM, AwayHome, NatsCluster, nats_program
from people import free_port, meet, until
from world import SELF_DELIVERY, World, main

LONG = 60.0  # a lease, a new leader, and a client's pause between dials


class Away(World):
    """What the tests need."""

    def setUp(self):
        if nats_program() is None:
            self.skipTest(NO_PROGRAM)
        super().setUp()

    def cluster(self, count=3, tls=None):
        cluster = NatsCluster(self.folder, count, tls)
        self.started.append(cluster)
        return cluster

    def away_home(self, store, name="one", init=(), **settings):
        """A home that runs and has the store."""
        home = AwayHome(os.path.join(self.folder, name))
        self.started.append(home)
        home.init(*init)
        home.configure(store=store, nats_lease_seconds=2, self_delivery_seconds=SELF_DELIVERY, **settings)
        home.start(LONG)
        return home

    def twin(self, home, name="two", **settings):
        """A second home with the same keys, which has begun to wait."""
        other = home.twin(os.path.join(self.folder, name), **settings)
        self.started.append(other)
        other.begin()
        until(lambda: other.says("standby"), "it waits", LONG)
        return other

    def talk(self, anna, boris, chat, text):
        """Says something; true once it has come."""
        boris.ask("send_text", chat=chat, text=text)
        anna.received(text, timeout=LONG)


class Cluster(Away):
    """Three servers."""

    def test_a_standby_takes_over_from_one_that_is_killed_and_from_one_that_ends(self):
        cluster = self.cluster()
        one = self.away_home(cluster.url("club"))
        anna, boris, chat = self.pair(one)
        two = self.twin(one)
        code, out, _ = two.call("status")
        self.assertEqual(code, 0)
        self.assertIn("standby: yes\nwaits_because: store_locked\nfront: no", out, "its port is the other one's here")
        code, out, err = two.call("audit")
        self.assertEqual(code, 1, out)
        self.assertIn("standby", err)
        anna.start()
        boris.start()
        self.talk(anna, boris, chat, "before")
        one.kill()
        boris.ask("send_text", chat=chat, text="meanwhile")
        until(two.is_active, "the second has it", LONG)
        anna.received("meanwhile", timeout=LONG)
        self.assertTrue(two.says("took_over"))
        one.begin()
        until(lambda: one.call("status")[1].startswith("home: a standby"), "the first waits", LONG)
        self.assertEqual(two.call("drain")[0], 0)
        two.process.wait()
        two.process = None
        until(one.is_active, "the first has it again", LONG)
        self.talk(anna, boris, chat, "after")
        self.assertEqual(one.call("audit")[0], 0)
        anna.stop()
        boris.stop()
        self.assert_said(anna, chat, [(False, text) for text in ("before", "meanwhile", "after")])
        self.assertEqual(one.stop(), 0)

    def test_one_that_was_frozen_is_overtaken_acknowledges_nothing_more_and_waits(self):
        cluster = self.cluster(1)
        port, other_port = free_port(), free_port()
        routes = f'["wss://127.0.0.1:{port}/ws", "wss://127.0.0.1:{other_port}/ws"]'
        one = AwayHome(os.path.join(self.folder, "one"), port)
        self.started.append(one)
        one.init()
        one.configure(store=cluster.url("club"), nats_lease_seconds=2, self_delivery_seconds=SELF_DELIVERY, routes=routes)
        one.start(LONG)
        anna, boris, chat = self.pair(one)
        two = self.twin(one, port=other_port)
        anna.start()
        boris.start()
        self.talk(anna, boris, chat, "before")
        one.freeze(True)
        boris.ask("send_text", chat=chat, text="to one that is frozen")
        until(two.is_active, "the second has it", LONG)
        one.freeze(False)
        until(lambda: one.says("overtaken") and one.says("standby"), "the first has noticed, and waits", LONG)
        anna.received("to one that is frozen", timeout=LONG)
        self.talk(anna, boris, chat, "after")
        anna.stop()
        boris.stop()
        self.assert_said(anna, chat, [(False, text) for text in ("before", "to one that is frozen", "after")])
        self.assertEqual((one.stop(), two.stop()), (0, 0))

    def test_without_most_servers_nothing_is_acknowledged_and_it_goes_on_by_itself_with_them(self):
        cluster = self.cluster()
        home = self.away_home(cluster.url("club"))
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        self.talk(anna, boris, chat, "before")
        for server in cluster.servers[1:]:
            server.kill()
        message = boris.ask("send_text", chat=chat, text="to nobody")["message"]["id"]
        until(lambda: home.says("store_trouble_began"), "it is said", LONG)
        self.assertIn("error=store_unavailable", home.log_text())
        self.assertEqual(next(each for each in boris.ask("read_history", chat=chat, count=9)["messages"] if each["id"] == message)["delivery"],
                         "queued")
        code, out, _ = home.call("check")
        self.assertEqual(code, 1, out)
        self.assertRegex(out, r"WRONG +(NATS|store): ")
        for server in cluster.servers[1:]:
            server.start()
        anna.received("to nobody", timeout=LONG)
        until(lambda: home.says("store_trouble_ended"), "it is said", LONG)
        anna.stop()
        boris.stop()
        self.assert_said(anna, chat, [(False, "before"), (False, "to nobody")])


class Fronts(Away):
    """Three servers and three homes, each at a port of its own."""

    def serves(self, home):
        """Whether it serves, as the home that has the store or as a front."""
        code, out, _ = home.call("status")
        return code == 0 and ("standby: yes" not in out or "front: yes" in out) and out

    def connected_by(self, person):
        """The port of the home that somebody's mailbox is connected to; None: to none."""
        used = [each["route"] for each in person.ask("list_routes")["routes"] if each["in_use"]]
        return int(used[0].split(":")[2].split("/")[0]) if used else None

    def three(self, cluster):
        """Three homes that serve; the first has the store."""
        one = self.away_home(cluster.url("club"), init=("--ticket-key", os.path.join(self.folder, "ticket.key")))
        homes = [one]
        for name in ("two", "three"):
            homes.append(self.twin(one, name, port=free_port()))
        for home in homes:
            until(lambda home=home: self.serves(home), "it serves", LONG)
        return homes

    def pair_at(self, homes):
        """Anna at the second home, a front, and Boris at the third, who have met and run."""
        anna, boris = self.person("Anna", homes[1]), self.person("Boris", homes[2])
        chat = meet(anna, boris)
        for person in (anna, boris):
            person.start()
            for home in homes:
                person.try_ask("add_route", route=f"wss://127.0.0.1:{home.port}/ws")
        return anna, boris, chat

    def test_people_at_different_fronts_talk_live_and_the_home_that_has_the_store_may_die(self):
        homes = self.three(self.cluster())
        anna, boris, chat = self.pair_at(homes)
        ports = [until(lambda person=person: self.connected_by(person), "connected", LONG) for person in (anna, boris)]
        self.assertEqual(ports, [homes[1].port, homes[2].port])
        self.assertIn("fronts: 2", self.serves(homes[0]))
        self.talk(anna, boris, chat, "from front to front")
        self.talk(boris, anna, chat, "and back")
        said = ["from front to front", "and back"]
        homes[0].kill()
        boris.ask("send_text", chat=chat, text="meanwhile")
        taker = until(lambda: next((home for home in homes[1:] if home.is_active()), None), "another has it", LONG)
        anna.received("meanwhile", timeout=LONG)
        other = next(home for home in homes[1:] if home is not taker)
        until(lambda: "front: yes" in (self.serves(other) or ""), "the other is its front", LONG)
        homes[0].begin()
        until(lambda: "front: yes" in (self.serves(homes[0]) or ""), "so is the first", LONG)
        self.talk(boris, anna, chat, "after")
        anna.stop()
        boris.stop()
        self.assert_said(anna, chat, [(False, said[0]), (True, said[1]), (False, "meanwhile"), (True, "after")])
        self.assertEqual([home.stop() for home in homes], [0, 0, 0])

    def test_all_are_restarted_one_by_one_while_people_write_and_each_message_comes_once(self):
        homes = self.three(self.cluster())
        anna, boris, chat = self.pair_at(homes)
        said = []
        for home in homes:
            for moment in ("before", "while", "after"):
                if moment == "while":
                    self.assertEqual(home.stop(), 0)
                if moment == "after":
                    home.begin()
                    until(lambda home=home: self.serves(home), "it serves again", LONG)
                text = f"{moment} {os.path.basename(home.folder)}"
                boris.ask("send_text", chat=chat, text=text)
                said.append(text)
        anna.received(said[-1], timeout=LONG)
        anna.stop()
        boris.stop()
        self.assert_said(anna, chat, [(False, text) for text in said])
        self.assertEqual(sum(home.is_active() for home in homes), 1)

    def test_a_front_that_dies_or_is_frozen_costs_its_clients_a_new_connection_and_no_message(self):
        homes = self.three(self.cluster(1))
        anna, boris, chat = self.pair_at(homes)
        self.talk(anna, boris, chat, "before")
        homes[1].freeze(True)
        boris.ask("send_text", chat=chat, text="to a frozen front")
        anna.received("to a frozen front", timeout=LONG)
        homes[1].freeze(False)
        until(lambda: "front: yes" in (self.serves(homes[1]) or ""), "it is a front again", LONG)
        homes[2].kill()
        self.talk(anna, boris, chat, "by another")
        until(lambda: "fronts: 1" in self.serves(homes[0]), "the dead one is forgotten", LONG)
        anna.stop()
        boris.stop()
        self.assert_said(anna, chat, [(False, text) for text in ("before", "to a frozen front", "by another")])
        code, out, _ = homes[0].call("check")
        self.assertNotIn("note     tickets", out)
        self.assertEqual(code, 0, out)


class OneServer(Away):
    """What needs no cluster."""

    def test_commands_say_what_they_can_and_what_they_cannot(self):
        cluster = self.cluster(1)
        home = self.away_home(cluster.url("club"))
        until(home.is_active, "it has it")
        code, out, _ = home.call("check")
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"note +NATS: .* a home has it")
        self.assertRegex(out, r"ok +store: ")
        code, _, err = home.call("backup", os.path.join(self.folder, "copy"))
        self.assertEqual(code, 1)
        self.assertIn("NATS", err)
        self.assertEqual(home.stop(), 0)
        code, _, err = home.call("audit")
        self.assertEqual(code, 1)
        self.assertIn("no home runs on this folder", err)
        self.assertRegex(home.call("check")[1], r"note +NATS: .* no home has it")
        cluster.end()
        self.assertRegex(home.call("check")[1], r"WRONG +NATS: store_unavailable")
        home.begin()
        until(lambda: home.says("standby"), "it waits for the servers", LONG)
        cluster.servers[0].start()
        until(home.is_active, "it has it", LONG)

    def test_a_home_whose_stream_is_gone_does_not_begin_with_an_empty_one(self):
        cluster = self.cluster(1)
        home = self.away_home(cluster.url("club"))
        self.assertEqual(home.stop(), 0)
        server = cluster.servers[0]
        server.kill()
        shutil.rmtree(os.path.join(server.folder, "data"))
        server.start()
        until(lambda: server.ask("healthz") is not None, "it is there")
        home.begin()
        self.assertEqual(home.process.wait(LONG), 1)
        home.process = None
        self.assertIn("store_unfit_stream", home.log_text().splitlines()[-1])
        os.unlink(os.path.join(home.folder, "nats_stream"))
        home.start(LONG)

    def certificates(self):
        """A CA, the server's certificate and the home's, as files of the folder."""
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
        for ca in ("ca", "other"):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{ca}.key", "-out",
                    f"{ca}.pem", "-subj", f"/CN={ca}", "-days", "2")
        for name in ("server", "node"):
            openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1")
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-copy_extensions", "copy",
                    "-out", f"{name}.pem", "-days", "2")
        return lambda name: os.path.join(self.folder, name)

    def test_with_certificates_only_who_has_one_reaches_the_servers_and_only_the_right_servers_are_taken(self):
        file = self.certificates()
        cluster = self.cluster(1, f'cert_file: "{file("server.pem")}", key_file: "{file("server.key")}", ca_file: "{file("ca.pem")}", verify: true')
        own = {"nats_certificate": f'"{file("node.pem")}"', "nats_certificate_key": f'"{file("node.key")}"'}
        home = self.away_home(cluster.url("club"), nats_authorities=f'"{file("ca.pem")}"', **own)
        self.person("Anna", home)
        home.stop()
        for wrong in ({"nats_authorities": f'"{file("other.pem")}"'},
                      {"nats_authorities": '""', "nats_certificate": '""'}):
            home.configure(**{**own, **wrong})
            home.begin()
            self.assertEqual(home.process.wait(LONG), 1, wrong)
            self.assertIn("store_no_access", home.log_text().splitlines()[-1], wrong)
            home.process = None
        # TLS 1.3: they hang up after the handshake, which may be anything.
        home.configure(nats_authorities=f'"{file("ca.pem")}"', nats_certificate='""')
        home.begin()
        until(lambda: "event=standby error=store_unavailable" in home.log_text(), "it says so, and waits")


if __name__ == "__main__":
    main()
