#!/usr/bin/env python3
"""Makes the corpora of most mls_* fuzz targets out of the working group's vectors: of each structure the smallest there is.
Those of mls_message, mls_ratchet_tree and mls_group_state are what the fuzzer itself kept.

    fuzz/mls_corpus.py [FOLDER]     FOLDER: the shared folder, by default $GODWIT_SHARED or ../shared
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz" / "corpus"
MESSAGE_HEAD = 4  # version and wire format of an MLSMessage

# The order of kLooks in mls_structures_fuzz.cc.
STRUCTURES = ("key_package", "leaf_node", "welcome", "group_info", "group_secrets", "public_message", "private_message",
              "commit", "proposal", "update_path", "authenticated_content", "group_context", "pre_shared_key_id",
              "extensions", "required_capabilities", "node", "external_senders")
PROPOSALS = ("add", "update", "remove", "pre_shared_key", "re_init", "external_init", "group_context_extensions")
SELF_REMOVE = 0x000a


def opaque(data):
    """A vector with its length (RFC 9420 §2.1.2)."""
    size = len(data)
    if size < 1 << 6:
        return bytes([size]) + data
    return (size | 1 << 14).to_bytes(2, "big") + data if size < 1 << 14 else (size | 2 << 30).to_bytes(4, "big") + data


class Vectors:
    """The cases of the files of the folder, those of suites that Godwit speaks."""

    def __init__(self, shared):
        self.folder = Path(shared) / "vectors" / "mls"

    def cases(self, family):
        """All cases of a family."""
        found = json.loads((self.folder / f"{family}.json").read_text(encoding="utf-8"))
        return [case for case in found if case.get("cipher_suite", 3) == 3] or found

    def smallest(self, family, member):
        """The shortest value of this member."""
        return bytes.fromhex(min((case[member] for case in self.cases(family)), key=len))


def structures(vectors):
    """(name, structure, bytes) for mls_structures."""
    def of_messages(member):
        return vectors.smallest("messages", member)

    leaf = of_messages("update_proposal")
    path = min((path["update_path"] for case in vectors.cases("treekem") for path in case["update_paths"]), key=len)
    epoch = vectors.cases("key-schedule")[0]["epochs"][0]
    yield "key_package", "key_package", of_messages("mls_key_package")[MESSAGE_HEAD:]
    yield "leaf_node", "leaf_node", leaf
    yield "welcome", "welcome", of_messages("mls_welcome")[MESSAGE_HEAD:]
    yield "group_info", "group_info", of_messages("mls_group_info")[MESSAGE_HEAD:]
    yield "group_secrets", "group_secrets", of_messages("group_secrets")
    for kind in ("application", "proposal", "commit"):
        yield f"public_{kind}", "public_message", of_messages(f"public_message_{kind}")[MESSAGE_HEAD:]
    yield "private_message", "private_message", of_messages("private_message")[MESSAGE_HEAD:]
    yield "commit", "commit", of_messages("commit")
    for number, kind in enumerate(PROPOSALS, 1):
        yield f"proposal_{kind}", "proposal", number.to_bytes(2, "big") + of_messages(f"{kind}_proposal")
    yield "proposal_self_remove", "proposal", SELF_REMOVE.to_bytes(2, "big")
    yield "update_path", "update_path", bytes.fromhex(path)
    yield "authenticated_content", "authenticated_content", vectors.smallest("transcript-hashes", "authenticated_content")
    yield "group_context", "group_context", bytes.fromhex(epoch["group_context"])
    yield "pre_shared_key_id", "pre_shared_key_id", of_messages("pre_shared_key_proposal")
    required = opaque(b"\xf0\x01") + opaque(b"\x00\x07") + opaque(b"\x00\x01")
    senders = opaque(opaque(bytes(range(32))) + b"\x00\x01" + opaque(b"a home"))
    yield "required_capabilities", "required_capabilities", required
    yield "external_senders", "external_senders", senders
    yield "extensions", "extensions", opaque(b"\x00\x03" + opaque(required) + b"\x00\x05" + opaque(senders) +
                                             b"\xf0\x01" + opaque(b""))
    yield "node", "node", b"\x01" + leaf


def stored(vectors):
    """(name, bytes) for mls_stored."""
    case = vectors.cases("passive-client-welcome")[0]
    private = b"".join(opaque(bytes.fromhex(case[key])) for key in ("init_priv", "encryption_priv", "signature_priv"))
    yield "key_package", b"\x00\x01" + bytes.fromhex(case["key_package"])[MESSAGE_HEAD:] + private
    yield "true_key_package", b"\x01"
    yield "changed_key_package", b"\x01\x00\x09\x01\x01\x28\x80"


def joins(vectors):
    """(name, bytes) for mls_join."""
    yield "foreign_welcome", b"\x00" + vectors.smallest("passive-client-welcome", "welcome")
    yield "foreign_tree", b"\x02" + vectors.smallest("tree-operations", "tree_before")
    yield "group_secrets", b"\x05" + vectors.smallest("messages", "group_secrets")
    for kind, name in ((1, "welcome"), (3, "tree"), (4, "group_info"), (6, "group_secrets")):
        yield f"true_{name}", bytes([kind])
        yield f"changed_{name}", bytes([kind, 0, 30, 4])


def lives():
    """(name, bytes) for mls_group_life: steps, and what each of them asks for."""
    invite, speak, update, remove = 3, 0, 1, 2
    yield "grows_and_speaks", bytes([invite, 0, invite, 1, 0, invite, 1, 0, 0, speak, 5, 9, 200, speak | 8, 1, 2, 3])
    yield "proposals", bytes([invite, 0, invite, 0, 0, update, 7, 90, remove | 8, 2, 0, 0, 4, 0, 50, 60, speak, 0])
    yield "races_and_removals", bytes([invite, 0, invite, 0, 0, 7, 1, 30, 0, 6, 5, 1, 0, 8, 255, invite, 1, speak])


def spoilt(vectors):
    """(name, bytes) for mls_group_process: the kinds that change an honest content before it is signed."""
    for kind, name in ((7, "private"), (8, "public")):
        yield f"true_removal_{name}", bytes([kind, 0])
        yield f"true_commit_{name}", bytes([kind, 4])
        yield f"changed_commit_{name}", bytes([kind, 5, 0, 60, 3])
        yield f"changed_sender_{name}", bytes([kind, 6, 0, 29, 2])
    yield "commit_of_vectors", b"\x04" + vectors.smallest("messages", "commit")


def write(target, files):
    """One file for each."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files:
        (folder / name).write_bytes(data)


def main():
    """Writes all of them."""
    shared = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("GODWIT_SHARED", ROOT.parent / "shared")
    vectors = Vectors(shared)
    write("mls_structures", ((name, bytes([STRUCTURES.index(kind)]) + data) for name, kind, data in structures(vectors)))
    write("mls_stored", stored(vectors))
    write("mls_join", joins(vectors))
    write("mls_group_life", lives())
    write("mls_group_process", spoilt(vectors))


if __name__ == "__main__":
    main()
