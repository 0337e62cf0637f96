"""How many cases are held at once by an act on very many: pure."""

HELD_S = 0.1
"""So long a bit may take: half of what anybody should wait for a row."""

SMALLEST, LARGEST = 5, 500


def next_size(size: int, *, took_s: float) -> int:
    """How many to take next when `size` took so many seconds: towards HELD_S, at most doubled."""
    fitting = size * HELD_S / max(took_s, 0.001)
    return max(SMALLEST, min(LARGEST, 2 * size, int(fitting)))
