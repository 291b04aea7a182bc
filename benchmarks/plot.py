"""Draw lines as SVG, without a drawing library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, TOP, RIGHT, BOTTOM = 64, 40, 16, 48
#: Told apart in grey too.
COLOURS = ("#1f5fa8", "#d9822b", "#3b8f5a", "#8a3f8f")


@dataclass(frozen=True)
class Line:
    """A line of a drawing.

    Attributes:
        name: what the legend calls it.
        points: x and y of each point, by x.
    """

    name: str
    points: Sequence[tuple[float, float]]


def plot(title: str, below: str, lines: Sequence[Line]) -> str:
    """Draw lines over a common axis, from 0 on both.

    Args:
        title: what stands above.
        below: what the x axis counts.
        lines: at least one with a point.

    Returns:
        An SVG document.
    """
    wide, high = (_round_up(max(point[side] for line in lines for point in line.points)) for side in (0, 1))
    across, down = (WIDTH - LEFT - RIGHT) / wide, (HEIGHT - TOP - BOTTOM) / high

    def place(x: float, y: float) -> str:
        return f"{LEFT + x * across:.1f},{HEIGHT - BOTTOM - y * down:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif"'
        ' font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 10}" text-anchor="end">{escape(below)}</text>',
    ]
    for step in range(5):
        x, y = wide * step / 4, high * step / 4
        at = HEIGHT - BOTTOM - y * down
        parts.append(f'<path d="M{place(0, y)} L{place(wide, y)}" stroke="#ccc"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{y:,.0f}</text>')
        parts.append(
            f'<text x="{LEFT + x * across:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:,.0f}</text>'
        )
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(place(*point) for point in line.points)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{WIDTH - RIGHT}" y="{20 + 14 * number}" fill="{colour}" text-anchor="end">'
            f"{escape(line.name)}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _round_up(largest: float) -> float:
    """The next of 1, 2, 4 and 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(largest))
    return next(power * part for part in (1, 2, 4, 8, 10) if power * part >= largest)
