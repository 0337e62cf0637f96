"""Hysteresis against the rule as it is written, read off the whole history at every step.

The product keeps a bounded state; this model keeps everything and computes each step anew from the
sentences of docs/watching.md.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cases.rules.levels import Level, LevelState, step

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 3, 10, 12, tzinfo=UTC)
FALSE_FOR = {1: HOUR, 2: HOUR, 3: 3 * HOUR, 4: 3 * HOUR}
AGAIN_AFTER = 1.5
COUNTS = st.sampled_from([0, 2, 4, 5, 6, 7, 8, 10, 12, 14, 15, 16, 18, 20, 21, 22, 30, 60])
"""Among them halves of each other, and one and a half times each other."""


class Written:
    """The rule as written, over a history that is never thrown away."""

    def __init__(self):
        self.level = 0
        self.seen = []  # (time, wanted, posts in 60 minutes, level after the step)
        self.changes = []  # (time, level before, level after)
        self.notices = []  # (time, level)

    def step(self, wanted, n_60, now):
        before, news = self.level, False
        if wanted > self.level:
            self.level = wanted
            news = wanted >= 2 and self.is_news(wanted, n_60, now)
        elif wanted < self.level and self.may_fall(wanted, n_60, now):
            self.level -= 1
        self.seen.append((now, wanted, n_60, self.level))
        if self.level != before:
            self.changes.append((now, before, self.level))
        if news:
            self.notices.append((now, wanted))
        return news

    def is_news(self, wanted, n_60, now):
        """Again only after a day, or at half as much again as the peak since that level was last told."""
        told = [at for at, level in self.notices if level >= wanted]
        if not told:
            return True
        peak = max(n for at, _wanted, n, level in self.seen if at >= told[-1] and level >= wanted)
        peak = max(peak, *(n for at, _w, n, before in self.with_level_before() if at >= told[-1]), 1)
        return now - told[-1] >= DAY or n_60 >= AGAIN_AFTER * peak

    def with_level_before(self):
        """Every step taken while the level that is asked about stood, also the one on which it fell."""
        stood, rows = 0, [(START, 0, 0, 0)]
        for at, wanted, n, after in self.seen:
            if stood >= self.asked:
                rows.append((at, wanted, n, stood))
            stood = after
        return rows

    def may_fall(self, wanted, n_60, now):
        since_false = now
        for at, asked, _n, _level in reversed(self.seen):
            if asked >= self.level:
                break
            since_false = at
        entered = self.changes[-1][0]
        is_long_false = now - since_false >= FALSE_FOR[self.level]
        is_rested = now - entered >= 30 * MINUTE
        is_half_over = self.level < 2 or n_60 == 0 or 2 * n_60 < self.alarm_peak(n_60)
        return is_long_false and is_rested and is_half_over and not self.is_flapping(now)

    def alarm_peak(self, n_60):
        """The most posts in an hour since the level last came up to worsening from below."""
        began = max(at for at, before, after in self.changes if before < 2 <= after)
        return max([n_60, *(n for at, _wanted, n, _level in self.seen if at >= began)])

    def is_flapping(self, now):
        """A fall now would be the fourth turn within a day."""
        directions = [(at, after > before) for at, before, after in self.changes]
        turns = [at for n, (at, up) in enumerate(directions) if n == 0 or directions[n - 1][1] != up]
        is_turn = directions[-1][1]
        return is_turn and sum(now - at < DAY for at in turns) >= 3

    asked = 2


class Hysteresis(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.now, self.state, self.written = START, LevelState(), Written()
        self.floor = 0

    def _go(self, wanted, n_60, minutes):
        self.now += minutes * MINUTE
        wanted = max(wanted, self.floor)
        self.written.asked = wanted
        expected = self.written.step(wanted, n_60, self.now)
        self.state, is_news = step(self.state, Level(wanted), n_60=n_60, now=self.now)
        assert (self.state.level, is_news) == (self.written.level, expected)
        assert self.state.level >= self.floor
        assert len(str(self.state.to_json())) < 1_000
        assert LevelState.from_json(self.state.to_json()) == self.state

    @rule(wanted=st.integers(0, 4), n_60=COUNTS, minutes=st.integers(1, 45))
    def look(self, wanted, n_60, minutes):
        self._go(wanted, n_60, minutes)

    @rule(n_60=COUNTS, steps=st.integers(2, 50))
    def be_quiet(self, n_60, steps):
        for _ in range(steps):
            self._go(0, n_60, 5)

    @rule(hours=st.integers(1, 30))
    def be_away(self, hours):
        self._go(0, 0, hours * 60)

    @rule(wanted=st.integers(2, 3), n_60=COUNTS)
    def flap(self, wanted, n_60):
        for _ in range(3):
            self._go(wanted, n_60, 5)
            for _ in range(40):
                self._go(0, 0, 5)

    @rule(wanted=st.integers(2, 4), first=COUNTS, again=COUNTS)
    def come_back(self, wanted, first, again):
        """An alarm, hours of nothing, and an alarm of the same level within the day."""
        self.floor = 0
        self._go(wanted, first, 5)
        for _ in range(9):
            self._go(0, 0, 60)
        self._go(wanted, again, 5)

    @rule(wanted=st.integers(2, 4))
    def come_back_exactly_a_day_later(self, wanted):
        if self.written.notices and (ahead := self.written.notices[-1][0] + DAY - self.now) > 10 * HOUR:
            for _ in range(9):
                self._go(0, 0, 60)
            self._go(wanted, 1, (ahead - 9 * HOUR) // MINUTE)

    @rule(first=COUNTS, then=COUNTS)
    def die_down(self, first, then):
        self.floor = 0
        self._go(2, first, 5)
        for _ in range(14):
            self._go(0, then, 5)

    @rule(level=st.sampled_from([0, 0, 0, 0, 1, 2, 3]))
    def person_sets_a_floor(self, level):
        self.floor = level

    @invariant()
    def notices_are_few(self):
        if not hasattr(self, "written"):
            return
        for level in (2, 3, 4):
            told = [at for at, of in self.written.notices if of == level]
            within = [at for at in told if self.now - at < DAY]
            # Each further notice within a day asks half as many posts again: 120 posts allow no more.
            assert len(within) <= 12


TestHysteresis = Hysteresis.TestCase
# Two seconds: every step is compared with the whole history.
TestHysteresis.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
