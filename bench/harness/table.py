"""Markdown tables, medians and spreads, and the places in RESULTS.md that they go to."""

import re
import statistics


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def number(value, digits=0):
    return "–" if value is None else f"{value:,.{digits}f}"


def spread(values, digits=0):
    """Median, then lowest and highest of the rounds."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    if len(known) == 1:
        return number(known[0], digits)
    low, high = number(min(known), digits), number(max(known), digits)
    return f"{number(statistics.median(known), digits)} ({low}–{high})"


def ratio(over, under):
    return "–" if not over or not under else f"{over / under:.2f}×"


def markdown(header, rows):
    widths = [max(len(str(row[i])) for row in [header] + rows) for i in range(len(header))]

    def line(cells):
        padded = [str(cell).rjust(width) if i else str(cell).ljust(width)
                  for i, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join(("-" * (w + 1) + ":") if i else "-" * (w + 2)
                          for i, w in enumerate(widths)) + "|"
    return "\n".join([line(header), rule] + [line(row) for row in rows])


def put_into(path, section, text):
    """Replaces what stands between the section's two marks."""
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    with open(path, encoding="utf-8") as file:
        page = file.read()
    if begin not in page or end not in page:
        raise SystemExit(f"{path} has no marks for the section {section}")
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    page = re.sub(pattern, lambda _: f"{begin}\n\n{text}\n\n{end}", page, flags=re.DOTALL)
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)
