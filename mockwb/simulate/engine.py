"""The event loop of a simulation: one heap, one clock that jumps from event to event.

`play` fills it with clients and lets it run. Ties are broken by the order in which events were
made, so that nothing depends on the machine.

What nobody else can see happens at once instead of by an event: a request arrives before anything
else happens, and its answer comes back to a client that does nothing meanwhile.
"""

import math
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import Any

from mockwb.clock import VirtualClock
from mockwb.sdkmodel.requests import Request
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.draws import Durations
from mockwb.simulate.flight import Fate, Flight
from mockwb.simulate.server import SimulatedServer

Act = Callable[[Any, float], None]
"""Called with what it is about, and the time."""
NO_ANSWER = "the connection was broken"
TIMED_OUT = "timed out"


class Engine:
    """Clients, the server, and what happens next."""

    def __init__(
        self,
        clients: list[SimulatedClient],
        server: SimulatedServer,
        one_way: Durations,
        clock: VirtualClock,
    ) -> None:
        """Let `clients` talk to `server`, with so much time on the way in each direction.

        Those that begin later are added to them.
        """
        self._clients = clients
        self._server = server
        self._one_way = one_way
        self._clock = clock
        self._heap: list[tuple[float, int, Act, Any]] = []
        self._number = 0
        self._visits: list[float] = []
        """When somebody looks at clients or server, or does something to them: a heap."""
        self._until = math.inf
        self._latest = 0.0
        """When the last request arrived: the server's time never goes back."""
        self._alive = len(clients)
        self._stopping = self._paused = False
        self.to_wall = clock.wall() - clock.now()
        """What to add to the simulation's seconds to get seconds since the Unix epoch."""
        for client in clients:
            self._push(client.starts_at, self._start, client)

    def begin(self, client: SimulatedClient) -> None:
        """Live one more client, from now on."""
        client.by_events = True
        self._clients.append(client)
        self._alive += 1
        self._start(client, self._clock.now())

    def at(self, when: float, act: Act, about: Any) -> None:
        """Call `act` with `about` at `when`; everything else is as of then."""
        heappush(self._visits, when)
        self._push(when, self._visit, (act, about))

    def play(self, until: float = math.inf) -> bool:
        """Live until then, until all clients have ended or until `pause`; whether they have."""
        self._paused, self._until = False, until
        heap, set_clock = self._heap, self._clock.set
        while self._alive and heap and not self._paused:
            event = heappop(heap)
            now, _, act, about = event
            if now > until:
                heappush(heap, event)
                break
            set_clock(now)
            act(about, now)
        if self._alive and until < math.inf and not self._paused:
            set_clock(max(until, self._clock.now()))
        return not self._alive

    @property
    def stopping(self) -> bool:
        """Whether clients have been told to finish."""
        return self._stopping

    def pause(self) -> None:
        """Let `play` return once what goes on at this instant is over."""
        self._paused = True

    def stop(self) -> None:
        """Tell all clients to finish, and those that wait for their start never to begin."""
        self._stopping = True
        now = self._clock.now()
        for client in list(self._clients):
            client.client.stop()
            if not client.started:
                self._end(client, now)
            elif client.done_at is None:
                self._act(client, now)

    def _push(self, when: float, act: Act, about: Any) -> None:
        self._number = number = self._number + 1
        heappush(self._heap, (when, number, act, about))

    def _visit(self, visit: tuple[Act, Any], now: float) -> None:
        heappop(self._visits)
        act, about = visit
        act(about, now)

    def _start(self, client: SimulatedClient, now: float) -> None:
        if self._stopping:
            return
        client.started = True
        client.client.start(now, now + self.to_wall)
        self._act(client, now)

    def _wake(self, client: SimulatedClient, now: float) -> None:
        client.wakes.pop()
        if client.done_at is not None:
            return
        requests = client.client.due(now)
        if len(requests) != 1 or client.by_events:
            self._go_on(client, requests, now)
            return
        arrives_at = now + self._one_way.draw()
        flight = Flight(client, requests[0], now)
        client.flights += 1
        heap = self._heap
        if (heap and heap[0][0] <= arrives_at) or arrives_at > self._until:
            self._push(arrives_at, self._arrive, flight)
        else:
            self._clock.set(arrives_at)
            self._arrive(flight, arrives_at)
        if client.flights:
            self._go_on(client, (), now)

    def _act(self, client: SimulatedClient, now: float) -> None:
        """Let a client do what is due, and see when to come back."""
        self._go_on(client, client.client.due(now), now)

    def _go_on(self, client: SimulatedClient, requests: Iterable[Request], now: float) -> None:
        acting = client.client
        for request in requests:
            client.flights += 1
            self._push(now + self._one_way.draw(), self._arrive, Flight(client, request, now))
        if acting.over(now):
            self._end(client, now)
            return
        wake_at = acting.wake_at()
        self._plan(client, wake_at if wake_at > now else now)

    def _heard(self, client: SimulatedClient, now: float) -> None:
        """A client has taken in what became of a request."""
        if client.run.done_at is not None:
            self._end(client, now)
            return
        wake_at = client.client.wake_at()
        self._plan(client, wake_at if wake_at > now else now)

    def _plan(self, client: SimulatedClient, wake_at: float) -> None:
        """Come back to a client at that time."""
        wakes = client.wakes
        # An earlier one that is planned already looks again; a later one stays for its time.
        if (not wakes or wake_at < wakes[-1]) and wake_at < math.inf:
            wakes.append(wake_at)
            self._push(wake_at, self._wake, client)

    def _end(self, client: SimulatedClient, now: float) -> None:
        if client.done_at is None:
            client.done_at = now
            self._alive -= 1
            self._clock.set(now)

    def _arrive(self, flight: Flight, now: float) -> None:
        server = self._server
        flight.epoch = server.epoch
        if now < self._latest:
            now = self._latest
            self._clock.set(now)
        self._latest = now
        if now < server.down_until:
            self._answer_after(flight, (0.0, None), now)
            return
        delay = server.take(flight, now)
        if not delay:
            self._handle(flight, now)
        elif now + delay > flight.gives_up_at:
            server.lose(flight)
            self._push(flight.gives_up_at, self._time_out, flight)
        else:
            self._push(now + delay, self._handle, flight)

    def _handle(self, flight: Flight, now: float) -> None:
        """The server takes it up."""
        self._answer_after(flight, self._server.handle(flight, now), now)

    def _answer_after(self, flight: Flight, fate: Fate, now: float) -> None:
        after, flight.answer = fate
        back_at = now + after + self._one_way.draw()
        if back_at > flight.gives_up_at:
            self._push(flight.gives_up_at, self._time_out, flight)
        elif self._unseen(flight.client, back_at):
            self._answer(flight, back_at)
        else:
            self._push(back_at, self._answer, flight)

    def _unseen(self, client: SimulatedClient, until: float) -> bool:
        """Whether nothing but one answer concerns a client until then."""
        if client.flights > 1 or client.by_events or self._server.faults.active:
            return False
        if (client.wakes and client.wakes[-1] <= until) or until > self._until:
            return False
        return not self._visits or self._visits[0] > until

    def _time_out(self, flight: Flight, now: float) -> None:
        flight.client.flights -= 1
        self._fail(flight, TIMED_OUT, now)

    def _answer(self, flight: Flight, now: float) -> None:
        answer, client = flight.answer, flight.client
        client.flights -= 1
        if answer is None or flight.epoch != self._server.epoch:
            self._fail(flight, NO_ANSWER, now)
        elif client.done_at is None:
            status, headers, body = answer
            client.run.answered(now, flight.request, status, headers, body)
            self._heard(client, now)

    def _fail(self, flight: Flight, error: str, now: float) -> None:
        client = flight.client
        if client.done_at is None:
            client.run.failed(now, flight.request, error)
            self._heard(client, now)
