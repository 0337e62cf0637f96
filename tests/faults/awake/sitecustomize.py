"""On the path of processes whose clock is set by libfaketime, which refuses sleeps on the steady clock.

Python sleeps until a moment of the steady clock, which is left alone here; libfaketime 0.9 takes that for
a moment of the clock that it moves. A wait without a moment is not touched.
"""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
