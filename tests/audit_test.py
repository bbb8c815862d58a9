"""`godwit-home audit MAILBOX`: every byte that a home holds about a mailbox, and the complete list of what there can be.

A kind of record or a field that is added to the sources is found here: it has to stand in audit_fields.cc, in docs/protocol/home.md, and in
the list below, and somebody has to have thought about what it tells.
"""

import os
import re
import unittest

from people import Home
from world import World, main

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Each kind of entry, with the parts of its key and the fields of its value: all that a home has on its disk.
KINDS = {
    "v": ((), ("layout",)),
    "m": (("mailbox",), ("devices", "leaving", "last_seen_day", "recovery", "list_head")),
    "o": (("mailbox", "alias"), ()),
    "a": (("alias",), ("mailbox", "token_hash", "old_token", "expires_day", "strangers")),
    "s": (("name",), ("mailbox", "from", "delivery_id", "expires_hour", "payload")),
    "k": (("alias",), ("generation", "count", "next", "has_last_resort", "last_resort_used", "takes")),
    "p": (("alias", "generation", "index"), ("key_package",)),
    "g": (("log",), ("epoch", "epoch_token_hash", "read_token_hash", "bytes", "used_day", "ended")),
    "e": (("log", "epoch", "attempt"), ("next_epoch_token_hash", "read_token_hash", "entry")),
    "b": (("blob",), ("chunks", "begun_day", "end_day", "whole", "removed")),
    "d": (("begun_day", "blob", "index"), ("chunk",)),
    "n": (("grant",), ("blob", "expires_day")),
    "u": (("name",), ("mailbox", "access_hash", "card")),
    "w": (("mailbox",), ("name",)),
    "h": (("channel",), ("key", "next", "last_hash", "head", "bytes", "begun_day", "used_day", "ended", "removed", "erased")),
    "i": (("channel", "sequence"), ("header", "signature", "content")),
    "c": (("code",), ("used", "expires_day", "last")),
    "t": (("ticket",), ("expires_day", "sealed")),
    "r": (("request",), ("expires_day",)),
    "y": (("mailbox",), ("until_day",)),
    "l": (("mailbox",), ("first_month",)),
    "j": (("mailbox",), ("backup",)),
    "z": (("mailbox", "tag"), ("subscription",)),
    "q": (("queue_size", "queue", "mailbox", "tag", "sequence"), ("expires", "alias", "sealed")),
    "D": (("queue_size", "queue", "mailbox", "tag", "id"), ("remember_until",)),
    "C": (("queue_size", "queue", "mailbox", "tag"), ("last", "days")),
    "X": (("time", "of", "queue_size", "queue", "mailbox", "tag", "sequence_or_id"), ("through",)),
    "F": (("name",), ("format",)),
}
# What is not there of every entry: of an expiry for a day's ids, how far their removal is, and of which one it is.
OPTIONAL = {"C": {"days"}, "X": {"sequence_or_id", "through"}}
# The structures that stand in records, each a kind of its own or part of one.
RECORDS = {
    "StoreRecord", "DeviceRecord", "MailboxRecord", "AddressRecord", "QueueItemRecord", "SelfDeliveryRecord", "TakeRecord", "PoolRecord",
    "LogRecord", "EntryRecord", "BlobRecord", "SpentGrantRecord", "NameRecord", "NameOwnerRecord", "ChannelRecord", "CodeRecord",
    "StoredTicketRecord", "SealedRecord", "NewcomerRecord", "BridgesRecord", "WebPushRecord",
}


def source(*path):
    """A file of this tree."""
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def parse_kinds(text):
    """What `audit --kinds` lists, in the form of KINDS."""
    kinds, current = {}, None
    for line in text.splitlines():
        if not line.startswith("  "):
            current = kinds.setdefault(line[0], ([], []))
            continue
        where, name, tells = re.fullmatch(r"  (key|value) ([a-z_]+): (.+)", line).groups()
        assert tells
        current[0 if where == "key" else 1].append(name)
    return {letter: (tuple(key), tuple(value)) for letter, (key, value) in kinds.items()}


def parse_entries(text):
    """The entries that follow the table: [(bytes, letter, [(where, name, bytes)])], checked as they are read."""
    entries = []
    for block in text.split("\n\n")[1:]:
        lines = block.strip("\n").splitlines()
        size, letter = re.fullmatch(r"(\d+) bytes?, (\S) [a-z ]+: .+", lines[0]).groups()
        fields = []
        for line in lines[1:]:
            head = re.fullmatch(r"  (key|value) ([a-z_]+), (\d+) bytes?(?: \([^)]*\))?: .+", line)
            if head:
                fields.append([head.group(1), head.group(2), int(head.group(3)), ""])
            else:
                fields[-1][3] += re.fullmatch(r"    ([0-9a-f]+)", line).group(1)
        fields = [(where, name, wanted, bytes.fromhex(digits)) for where, name, wanted, digits in fields]
        assert all(wanted == len(held) for _, _, wanted, held in fields)
        assert int(size) == sum(wanted for _, _, wanted, _ in fields)
        entries.append((int(size), letter, [(where, name, held) for where, name, _, held in fields]))
    return entries


class CompleteList(unittest.TestCase):
    """The list, the sources and the documents say the same."""

    def test_the_program_lists_each_kind_and_each_field(self):

        code, out, err = Home("/nowhere").call("audit", "--kinds")
        self.assertEqual(code, 0, err)
        self.assertEqual(parse_kinds(out), KINDS)

    def test_no_letter_stands_in_the_sources_that_is_not_in_the_list(self):
        used = set()
        folder = os.path.join(ROOT, "src", "home")
        for name in os.listdir(folder):
            if name.endswith((".cc", ".h")) and not name.endswith("_test.cc"):
                used.update(re.findall(r"record_key\('(.)'", source("src", "home", name)))
        layout = set(re.findall(r"constexpr uint8_t k\w+ = '(.)';", source("src", "store", "layout.h")))
        self.assertEqual(layout, set("RIDCX"))
        records = set(KINDS) - set("DCXF") | {"q"}
        self.assertEqual(used, records)
        self.assertEqual(set(re.findall(r'^/// "(.)"', source("src", "home", "records.h"), re.MULTILINE)) - records, set())

    def test_no_record_has_a_structure_that_is_not_in_the_list(self):
        text = source("src", "home", "records.h")
        self.assertEqual(set(re.findall(r"^struct (\w+Record) ", text, re.MULTILINE)), RECORDS)
        told = source("src", "home", "audit_fields.cc")
        for record in RECORDS:
            self.assertIn(record, told)

    def test_the_documents_have_each_kind(self):
        rows = re.findall(r"^\| ([A-Za-z](?:, [A-Za-z])*) \| ", source("docs", "protocol", "home.md"), re.MULTILINE)
        self.assertEqual({letter for row in rows for letter in row.split(", ")}, set(KINDS))


class Mailboxes(World):
    """A home with people, asked what it holds about each."""

    def mailboxes(self, home):
        """The ids of all."""
        code, out, err = home.call("audit", "--mailboxes")
        self.assertEqual(code, 0, err)
        return out.split()

    def everything_about(self, home, mailbox):
        """(the table, the entries) of one."""
        code, out, err = home.call("audit", mailbox)
        self.assertEqual(code, 0, err)
        self.assertEqual([name for name in os.listdir(home.folder) if name.endswith(".bytes")], [])
        table = dict(re.findall(r"^([a-z][a-z -]+?) +(\d[\d,]*) +(?:\d[\d,]*)? ", out.split("\n\n")[0], re.MULTILINE))
        return {name: int(count.replace(",", "")) for name, count in table.items()}, parse_entries(out)

    def test_every_byte_of_a_mailbox_is_told_running_or_not(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.must("name", "claim", "annakarenina")
        for i in range(3):
            boris.must("send", "Anna", f"waits {i}")
        told = {}
        for mailbox in self.mailboxes(home):
            told[mailbox] = self.everything_about(home, mailbox)
            self.assert_complete(mailbox, *told[mailbox])
        self.assertEqual(len(told), 2)
        letters = {mailbox: {letter for _, letter, _ in entries} for mailbox, (_, entries) in told.items()}
        named = [mailbox for mailbox in told if "u" in letters[mailbox]]
        self.assertEqual(len(named), 1)
        self.assertGreaterEqual(letters[named[0]], set("maouwqDCXj"))
        waiting = sum(letter == "q" for _, letter, _ in told[named[0]][1])
        self.assertGreaterEqual(waiting, 3)
        everything = b"".join(held for _, entries in told.values() for _, _, fields in entries for _, _, held in fields)
        for word in (b"waits", b"Anna", b"Boris", b"annakarenina", b"127.0.0.1"):
            self.assertNotIn(word, everything)
        self.assertTrue(chat)
        home.stop()
        for mailbox, (table, entries) in told.items():
            code, out, err = home.call("audit", mailbox)
            self.assertEqual(code, 0, err)
            self.assertEqual({letter for _, letter, _ in parse_entries(out)}, {letter for _, letter, _ in entries})

    def assert_complete(self, mailbox, table, entries):
        """The entries are as many as the table counts, each is as KINDS has it, and each is the mailbox's."""
        self.assertEqual(sum(count for name, count in table.items() if name not in ("damaged", "unknown")), len(entries), table)
        aliases = {held for _, letter, fields in entries for where, name, held in fields
                   if letter == "o" and (where, name) == ("key", "alias")}
        for _, letter, fields in entries:
            key = tuple(name for where, name, _ in fields if where == "key")
            value = tuple(name for where, name, _ in fields if where == "value")
            before = 2 if letter not in "qDCXF" else 1  # what the store and the kind are called by
            there = set(key) | set(value)
            expected = tuple(tuple(name for name in names if name in there or name not in OPTIONAL.get(letter, ())) for names in KINDS[letter])
            self.assertEqual((key[before:], value), expected, letter)
            its = {held for _, name, held in fields if name == "mailbox"}
            if its:
                self.assertEqual(its, {bytes.fromhex(mailbox)}, letter)
            else:
                self.assertIn(next(held for _, name, held in fields if name == "alias"), aliases, letter)

    def test_who_asks_wrongly_is_told(self):
        home = self.home()
        for words in (("xyz",), ("00",), ("--mailboxes", "0" * 32)):
            self.assertEqual(home.call("audit", *words)[0], 2)
        for _ in range(2):  # while it runs, and beside its store
            for words in (("0" * 32,), ("0" * 32, "--line")):
                code, out, err = home.call("audit", *words)
                self.assertEqual((code, out), (1, ""))
                self.assertIn("there is no such mailbox here", err)
            home.stop()


if __name__ == "__main__":
    main()
