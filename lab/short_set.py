"""The few cells of `make test`, and what must come out of them."""

from measure import Plan

MODES = ("control", "dns", "sni-drop", "curtain", "ip")
SYSTEMS = ("godwit", "tls", "obfs4")
# A conversation whose name is dropped goes on under another name after some 7 s (recover_start_ms of `lab/run --modes sni-drop --systems godwit`),
# later on a busy machine: the waits are long enough that they decide nothing.
PLAN = Plan(runs=1, short_seconds=75, long_seconds=75, recover_seconds=45, end_seconds=180, large=False)

# Cells whose outcome is known: True, the text arrives; False, it does not, and the mode has acted. Cells that are not
# named may come out either way.
EXPECTED = {
    ("control", "godwit"): True, ("control", "tls"): True, ("control", "obfs4"): True,
    ("dns", "godwit"): True, ("sni-drop", "godwit"): True,
    ("dns", "tls"): False, ("dns", "obfs4"): True,
    ("sni-drop", "tls"): False, ("sni-drop", "obfs4"): True,
    ("ip", "tls"): False, ("ip", "obfs4"): True,
}


def judge(rows, say):
    """Prints what is not as expected; gives the exit code."""
    wrong = 0
    for row in rows:
        cell = (row["mode"], row["system"])
        if "error" in row:
            complaint = f"not measured: {row['error']}"
        elif row["recover_end_ms"] is None:
            complaint = "does not come back after the block has ended"
        elif cell in EXPECTED and bool(row["delivered_60s"]) != EXPECTED[cell]:
            complaint = "a text arrives, which it should not" if row["delivered_60s"] else "no text arrives"
        elif EXPECTED.get(cell) is False and not row["fired"]:
            complaint = "the mode has done nothing"
        else:
            continue
        say(f"wrong: {' x '.join(cell)}: {complaint}")
        wrong += 1
    return 1 if wrong else 0
