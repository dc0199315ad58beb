"""Several scopes with several windows each, at once and changed while they serve."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from mockwb.clock import VirtualClock
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.yaml_file import convert
from tests.limits.windows.exact import Log

CALLER = Caller("someone")
GAPS = st.sampled_from([0.0, 0.001, 0.25, 1.0, 2.5, 9.75, 10.0, 29.75, 30.0, 60.0])
PATHS = [("e/p", "r1"), ("e/p", "r2"), ("e/q", "r1"), ("team/x", "r1")]
BYTES = st.sampled_from([1, 2, 10, 49, 50, 51, 100, 101, 3000])


def rules_of(**rules) -> LimitRules:
    return convert(rules, LimitRules)


RULES = [
    {"project": {"requests": ["2/1s", "6/10s", "8/1m"], "bytes": ["50B/1s", "100B/30s"]}},
    {"project": {"requests": "4/30s", "bytes": "100B/1m"}, "run": {"requests": ["1/1s", "3/10s"]}},
    {"project": {"requests": ["0/1s", "6/10s"]}},
    {"project": {"requests": ["1/10s fixed", "8/1m"]}, "run": {"requests": "1000000000/1m"}},
    {"project": {"requests": "12/1m"}, "run": {"requests": "2/1m"}},
    {"project": {"bytes": "3000B/10s", "overrides": [{"match": "team/*", "requests": "1/1m"}]}},
    {"project": {"requests": "12/30s", "overrides": [{"match": "e/p", "requests": "2/30s"}]}},
    {"run": {"requests": ["5/10s", "7/30s fixed"]}},
]


class Definition:
    """What the rules promise, reckoned from logs of all that was admitted."""

    def __init__(self) -> None:
        self.logs: defaultdict[tuple[str, str, str], Log] = defaultdict(Log)

    def windows(self, rules: LimitRules, path: str, run: str, cost: Cost):
        """(log, amount, rate, kind) of each window that has a say."""
        keys = {"project": path, "run": f"{path}/{run}"}
        for scope, limit, amount in (
            ("project", "requests", cost.requests),
            ("project", "bytes", cost.bytes),
            ("run", "requests", cost.requests),
        ):
            log = self.logs[scope, limit, keys[scope]]
            for rate in self.rates(rules, scope, limit, keys[scope]):
                yield log, amount, rate, rate.kind or rules.window

    @staticmethod
    def rates(rules: LimitRules, scope: str, limit: str, key: str):
        section = getattr(rules, scope)
        for override in section.overrides:
            if override.match == key or override.match == key.partition("/")[0] + "/*":
                rates = getattr(override, limit)
                break
        else:
            rates = None
        rates = rates or getattr(section, limit, None)
        return rates.windows if rates else ()

    def replace(self, rules: LimitRules, now: float) -> None:
        """Forget what no window of `rules`, in force until now, remembers."""
        for (scope, limit, key), log in self.logs.items():
            kept = [
                index
                for index, at in enumerate(log.instants)
                if any(
                    at + rate.window > now
                    if (rate.kind or rules.window) == "rolling"
                    else at // rate.window == now // rate.window
                    for rate in self.rates(rules, scope, limit, key)
                )
            ]
            known = Log()
            for index in kept:
                known.add(log.instants[index], log.sums[index + 1] - log.sums[index])
            self.logs[scope, limit, key] = known

    def room(self, rules: LimitRules, path: str, run: str, cost: Cost, now: float) -> bool:
        """Whether every window has room for it, or an oversize cost is alone."""
        for log, amount, rate, kind in self.windows(rules, path, run, cost):
            used = (log.rolling if kind == "rolling" else log.fixed)(now, rate.window)
            alone = amount > rate.amount > 0 and not used and rules.oversize == "admit"
            if used + amount > rate.amount and not alone:
                return False
        return True

    def charge(self, path: str, run: str, cost: Cost, now: float) -> None:
        self.logs["project", "requests", path].add(now, cost.requests)
        self.logs["project", "bytes", path].add(now, cost.bytes)
        self.logs["run", "requests", f"{path}/{run}"].add(now, cost.requests)


def stream(path: str, run: str) -> Target:
    entity, project = path.split("/")
    return Target(Surface.FILE_STREAM, entity, project, run)


STEPS = st.lists(st.tuples(GAPS, st.sampled_from(PATHS), BYTES), max_size=60)


@given(
    st.sampled_from(RULES),
    st.booleans(),
    st.sampled_from(["admit", "reject"]),
    st.sampled_from(["empty", "next"]),
    STEPS,
)
def test_given_any_traffic_then_every_window_keeps_and_only_full_ones_refuse(
    rules, count_refused, oversize, reset, steps
) -> None:
    held = rules_of(**rules, count_refused=count_refused, oversize=oversize, reset=reset)
    clock, definition = VirtualClock(100.0), Definition()
    limiter = Limiter(held, clock)
    for gap, (path, run), size in steps:
        clock.set(clock.now() + gap)
        now, cost = clock.now(), Cost(1, size)
        room = definition.room(held, path, run, cost, now)
        decision = limiter.admit(stream(path, run), CALLER, cost)
        assert (decision is None or decision.admitted) == room
        if room or count_refused:
            definition.charge(path, run, cost, now)


@given(
    st.lists(
        st.tuples(st.sampled_from(RULES), st.booleans(), STEPS.map(lambda steps: steps[:20])),
        min_size=2,
        max_size=6,
    )
)
def test_given_other_rules_in_flight_then_what_windows_remember_counts_at_once(phases) -> None:
    clock, definition = VirtualClock(100.0), Definition()
    limiter, held = None, None
    mixed = any("fixed" in str(rules) for rules, _, _ in phases)
    for rules, count_refused, steps in phases:
        if limiter is None:
            held = rules_of(**rules, count_refused=count_refused)
            limiter = Limiter(held, clock)
        else:
            definition.replace(held, clock.now())
            held = rules_of(**rules, count_refused=count_refused)
            limiter.replace(held)
        for gap, (path, run), size in steps:
            clock.set(clock.now() + gap)
            now, cost = clock.now(), Cost(1, size)
            room = definition.room(held, path, run, cost, now)
            decision = limiter.admit(stream(path, run), CALLER, cost)
            admitted = decision is None or decision.admitted
            # A fixed window remembers how much, not when: what follows it may count more.
            assert admitted == room or (mixed and not admitted)
            if admitted or count_refused:
                definition.charge(path, run, cost, now)


@given(
    st.sampled_from([rules for rules in RULES if "'0/" not in str(rules)]),
    st.booleans(),
    st.sampled_from(["rolling", "fixed", "token-bucket"]),
    st.sampled_from(["empty", "next"]),
    STEPS,
    st.floats(0.0, 1e7),
)
def test_given_a_refusal_then_whoever_waits_so_many_whole_seconds_passes(
    rules, count_refused, window, reset, steps, start
) -> None:
    held = rules_of(
        **rules, count_refused=count_refused, window=window, reset=reset, retry_after="next"
    )
    clock = VirtualClock(start)
    limiter = Limiter(held, clock)
    for gap, (path, run), size in steps:
        clock.set(clock.now() + gap)
        target, cost = stream(path, run), Cost(1, size)
        decision = limiter.admit(target, CALLER, cost)
        if decision is not None and not decision.admitted:
            assert decision.reset >= decision.retry_after >= 1
            clock.set(clock.now() + decision.retry_after)
            assert limiter.admit(target, CALLER, cost).admitted
            return
