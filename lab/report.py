"""Writes what was measured: lab.json, a list of rows, and lab.html, one file that needs nothing else."""

import html
import json
import os
import string

HERE = os.path.dirname(os.path.abspath(__file__))
BAR_SECONDS = 60.0


def seconds(ms):
    """Milliseconds for people."""
    if ms is None:
        return "&ndash;"
    if ms < 1000:
        return f"{ms / 1000:.2f}&thinsp;s"
    return f"{ms / 1000:.1f}&thinsp;s" if ms < 100_000 else f"{ms / 60_000:.0f}&thinsp;min"


def kilobytes(count):
    """Bytes for people."""
    return "&ndash;" if count is None else f"{count / 1000:.1f}&thinsp;kB"


def kind_of(row):
    """The class of a cell, from best to worst: pass, part, late, dead; void if there is no result."""
    if row is None or "error" in row:
        return "void"
    if row["delivered_60s"] == 1:
        return "pass"
    if row["delivered_60s"] > 0:
        return "part"
    return "late" if row["delivered_600s"] > 0 else "dead"


def detail(row):
    """All that is known of a cell, as a tooltip."""
    if row is None:
        return "not measured"
    if "error" in row:
        return "not measured: " + row["error"]
    counts = "; ".join(f"{mode}: " + ", ".join(f"{what} {count}" for what, count in what_of.items())
                       for mode, what_of in row["counters"].items())
    plain = lambda ms: "-" if ms is None else f"{ms / 1000:.2f} s"  # noqa: E731  (a tooltip has no markup)
    return (f"{row['system']} under {row['mode']}\n{round(row['delivered_60s'] * row['runs'])} of {row['runs']} within 60 s"
            f"\nfirst text: median {plain(row['first_ms_p50'])}, 95 % {plain(row['first_ms_p95'])}"
            f"\nthe next start, on a network that is known now: {plain(row.get('again_ms'))}"
            f"\n300 kB picture right after, out: {plain(row.get('picture_out_ms'))}, in: {plain(row.get('picture_in_ms'))}"
            f"\n100 kB text right after, out: {plain(row.get('large_out_ms'))}, in: {plain(row.get('large_in_ms'))}"
            f"\nconversation running when the block began, longest text: {plain(row['recover_start_ms'])}"
            f"\nafter the block ended: {plain(row['recover_end_ms'])}\n{row['bytes'] or '-'} bytes for a text of 200"
            f"\nthe mode: {counts or 'did nothing'}")


def large(row):
    """Whether a picture, or a larger text, got through as well, if that was tried."""
    if not row.get("large_tried"):
        return ""
    times = [row.get(f"picture_{way}_ms") or row.get(f"large_{way}_ms") for way in ("out", "in")]
    ways = [f"{arrow}&thinsp;{'&times;' if ms is None else seconds(ms)}" for arrow, ms in zip(("&uarr;", "&darr;"), times)]
    return f"<small class=large>{' &ensp;'.join(ways)}</small>"


def cell(row):
    """One square of the table."""
    kind = kind_of(row)
    if kind == "void":
        text = "not measured" if row else ""
    elif kind in ("pass", "part"):
        share = "" if kind == "pass" else f"<small>{round(row['delivered_60s'] * row['runs'])}/{row['runs']}</small> "
        text = f"{share}{seconds(row['first_ms_p50'])}{large(row)}"
    else:
        text = "after 60&thinsp;s" if kind == "late" else "&times;"
    idle = " idle" if row and kind != "void" and not row["fired"] and row["mode"] != "control" else ""
    return f'<td class="{kind}{idle}" title="{html.escape(detail(row))}">{text}</td>'


def heat_table(by_cell, modes, systems):
    """Mode by system."""
    head = "".join(f"<th scope=col>{html.escape(system.name)}</th>" for system in systems)
    lines = []
    for mode in modes:
        cells = "".join(cell(by_cell.get((mode.name, system.name))) for system in systems)
        lines.append(f"<tr><th scope=row><span class=number>{mode.number}</span>{html.escape(mode.name)}"
                     f"<span class=about>{html.escape(mode.about)}</span></th>{cells}</tr>")
    return f"<table class=heat><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def summary(by_cell, modes, systems):
    """A tile for each system: in how many of the modes that touched somebody a text arrives."""
    tiles = []
    blocking = [mode for mode in modes if mode.name != "control"]
    best = 0
    scores = {}
    for system in systems:
        rows = [by_cell.get((mode.name, system.name)) for mode in blocking]
        known = [row for row in rows if row and "error" not in row]
        scores[system.name] = (sum(kind_of(row) == "pass" for row in known), len(known))
        if system.is_messenger:
            best = max(best, scores[system.name][0])
    for system in systems:
        got, known = scores[system.name]
        mark = " best" if got == best and known and system.is_messenger else ""
        tiles.append(f'<div class="tile{mark}"><b>{html.escape(system.name)}</b><span class=score>{got}<i>/{known}</i></span>'
                     f"<small>{html.escape(system.about)}</small></div>")
    return f"<div class=tiles>{''.join(tiles)}</div>"


def bars(title, note, series, limit, show):
    """A bar chart: (label, value or None, class) from top to bottom, on a linear scale to `limit`."""
    row, left, width = 22, 190, 340
    lines = []
    for index, (label, value, kind) in enumerate(series):
        y = index * row
        size = 0 if value is None else max(1.5, min(value, limit) / limit * width)
        shown = "not delivered" if value is None else html.unescape(show(value))
        lines.append(f'<text x="{left - 10}" y="{y + 14}" class=label>{html.escape(label)}</text>'
                     f'<rect x="{left}" y="{y + 3}" width="{size:.1f}" height="{row - 7}" rx="2" class="bar {kind}"/>'
                     f'<text x="{left + size + 7:.1f}" y="{y + 14}" class="value{" none" if value is None else ""}">'
                     f"{html.escape(shown)}</text>")
    height = max(row, len(series) * row)
    return (f"<figure><figcaption><b>{title}</b> {note}</figcaption><svg viewBox='0 0 620 {height}' role=img "
            f"aria-label='{html.escape(title)}'>{''.join(lines)}</svg></figure>")


def nice_limit(values):
    """The end of a scale."""
    top = max([each for each in values if each is not None], default=1)
    return top * 1.05 or 1


def charts(by_cell, modes, systems):
    """Bytes and undisturbed time by system; and, for the first system, what the modes do to it."""
    def rows_of(key, mode):
        return [(system.name, (by_cell.get((mode, system.name)) or {}).get(key), "own" if index == 0 else "")
                for index, system in enumerate(systems)]

    out = []
    if any(mode.name == "control" for mode in modes):
        for title, note, key, show in (
                ("Time to the first text", "unblocked: from the program's start until the friend has it", "first_ms_p50", seconds),
                ("Bytes for it", "unblocked: all that the user's host sent and got, connecting included", "bytes", kilobytes)):
            series = rows_of(key, "control")
            out.append(bars(title, note, series, nice_limit([value for _, value, _ in series]), show))
    first = systems[0]
    for title, note, key in (
            (f"{first.name}: first text under each mode", "median, from the program's start", "first_ms_p50"),
            (f"{first.name}: a running conversation when the block begins", "until the next text is there", "recover_start_ms"),
            (f"{first.name}: after the block ends", "until the next text is there", "recover_end_ms")):
        series = []
        for mode in modes:
            row = by_cell.get((mode.name, first.name))
            if row and "error" not in row:
                series.append((mode.name, row[key], "own"))
        if series:
            out.append(bars(title, note, series, min(BAR_SECONDS * 1000, nice_limit([each[1] for each in series])), seconds))
    return f"<div class=charts>{''.join(out)}</div>"


def full_table(rows):
    """Every number."""
    keys = ("mode", "system", "runs", "delivered_60s", "delivered_600s", "first_ms_p50", "first_ms_p95", "bytes", "again_ms", "picture_out_ms", "picture_in_ms",
            "large_out_ms", "large_in_ms", "relays_burned", "recover_start_ms", "recover_end_ms", "fired")

    def shown(value):
        if value is None:
            return "&ndash;"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:.2f}" if isinstance(value, float) else html.escape(f"{value:,}" if isinstance(value, int) else value)

    head = "".join(f"<th scope=col>{key}</th>" for key in keys)
    body = "".join("<tr>" + "".join(f"<td>{shown(row.get(key))}</td>" for key in keys) + "</tr>" for row in rows)
    return f"<table class=numbers><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def mode_notes(modes):
    """What each mode is given, exactly."""
    lines = [f"<tr><th scope=row>{html.escape(mode.name)}</th><td><code>{html.escape(' '.join(mode.specs) or 'none')}</code></td></tr>"
             for mode in modes]
    return f"<table class=notes><tbody>{''.join(lines)}</tbody></table>"


def write_rows(folder, rows):
    """Writes lab.json into a folder that exists."""
    with open(os.path.join(folder, "lab.json"), "w", encoding="utf-8") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")


def write(folder, rows, modes, systems, about):
    """Writes lab.json and lab.html."""
    write_rows(folder, rows)
    by_cell = {(row["mode"], row["system"]): row for row in rows}
    plan = about["plan"]
    with open(os.path.join(HERE, "report.html"), encoding="utf-8") as file:
        page = string.Template(file.read())
    text = page.substitute(
        commit=html.escape(about["commit"]), when=html.escape(about["when"]), command=html.escape(about["command"]),
        took=f"{about['seconds'] / 60:.0f} minutes" if about["seconds"] >= 120 else f"{about['seconds']} s",
        runs=plan["runs"], short=f"{plan['short_seconds']:g}", long=f"{plan['long_seconds']:g}",
        summary=summary(by_cell, modes, systems), heat=heat_table(by_cell, modes, systems),
        charts=charts(by_cell, modes, systems), notes=mode_notes(modes), numbers=full_table(rows))
    with open(os.path.join(folder, "lab.html"), "w", encoding="utf-8") as file:
        file.write(text)
