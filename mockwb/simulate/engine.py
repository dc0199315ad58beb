"""The event loop of a simulation: one heap, one clock that jumps from event to event.

`play` fills it with clients and lets it run. Ties are broken by the order in which events were
made, so that nothing depends on the machine.
"""

import math
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from mockwb.clock import VirtualClock
from mockwb.sdkmodel.requests import Request
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.draws import Durations
from mockwb.simulate.flight import Fate, Flight
from mockwb.simulate.server import SimulatedServer

Act = Callable[[Any], None]
NO_ANSWER = "the connection was broken"
TIMED_OUT = "timed out"


class Engine:
    """Clients, the server, and what happens next."""

    def __init__(
        self,
        clients: Sequence[SimulatedClient],
        server: SimulatedServer,
        one_way: Durations,
        clock: VirtualClock,
    ) -> None:
        """Let `clients` talk to `server`, with so much time on the way in each direction."""
        self._clients = clients
        self._server = server
        self._one_way = one_way
        self._clock = clock
        self._heap: list[tuple[float, int, Act, Any]] = []
        self._number = 0
        self._alive = len(clients)
        self._stopping = False
        for client in clients:
            self.at(client.starts_at, self._start, client)

    def at(self, when: float, act: Act, about: Any) -> None:
        """Call `act` with `about` at `when`."""
        self._number += 1
        heappush(self._heap, (when, self._number, act, about))

    def play(self, until: float = math.inf) -> bool:
        """Live until then, or until all clients have ended; whether they have."""
        heap, clock = self._heap, self._clock
        while self._alive and heap and heap[0][0] <= until:
            when, _, act, about = heappop(heap)
            clock.set(when)
            act(about)
        if self._alive and until < math.inf:
            clock.set(max(until, clock.now()))
        return not self._alive

    def stop(self) -> None:
        """Tell all clients to finish, and those that wait for their start never to begin."""
        self._stopping = True
        for client in self._clients:
            client.client.stop()
            if not client.started:
                self._end(client)
            elif client.done_at is None:
                self._act(client)

    def _start(self, client: SimulatedClient) -> None:
        if self._stopping:
            return
        client.started = True
        client.client.start(self._clock.now(), self._clock.wall())
        self._act(client)

    def _wake(self, client: SimulatedClient) -> None:
        client.wakes.pop()
        if client.done_at is None:
            self._act(client)

    def _act(self, client: SimulatedClient) -> None:
        """Let a client do what is due, and see when to come back."""
        now = self._clock.now()
        for request in client.client.due(now):
            self._send(client, request, now)
        if client.client.over(now):
            self._end(client)
            return
        self._plan(client, now, client.client.wake_at())

    def _heard(self, client: SimulatedClient, now: float) -> None:
        """A client has taken in what became of a request: let it act if it has to at once."""
        if client.run.done_at is not None:
            self._end(client)
            return
        wake_at = client.client.wake_at()
        if wake_at <= now:
            self._act(client)
        else:
            self._plan(client, now, wake_at)

    def _plan(self, client: SimulatedClient, now: float, wake_at: float) -> None:
        """Come back to a client at that time."""
        wake_at = max(now, wake_at)
        wakes = client.wakes
        # An earlier one that is planned already looks again; a later one stays for its time.
        if wake_at < math.inf and (not wakes or wake_at < wakes[-1]):
            wakes.append(wake_at)
            self.at(wake_at, self._wake, client)

    def _end(self, client: SimulatedClient) -> None:
        if client.done_at is None:
            client.done_at = self._clock.now()
            self._alive -= 1

    def _send(self, client: SimulatedClient, request: Request, now: float) -> None:
        flight = Flight(client, request, now)
        self.at(now + self._one_way.draw(), self._arrive, flight)

    def _arrive(self, flight: Flight) -> None:
        now = self._clock.now()
        server = self._server
        if not server.listening(now):
            self._answer_after(flight, Fate(0.0, None))
            return
        flight.epoch = server.epoch
        delay = server.befall(flight, now)
        if now + delay > flight.gives_up_at:
            server.lose(flight)
            self.at(flight.gives_up_at, self._time_out, flight)
        elif delay > 0:
            self.at(now + delay, self._handle, flight)
        else:
            self._handle(flight)

    def _handle(self, flight: Flight) -> None:
        """The server takes it up."""
        self._answer_after(flight, self._server.handle(flight, self._clock.now()))

    def _answer_after(self, flight: Flight, fate: Fate) -> None:
        flight.fate = fate
        back_at = self._clock.now() + fate.after + self._one_way.draw()
        if back_at > flight.gives_up_at:
            self.at(flight.gives_up_at, self._time_out, flight)
        else:
            self.at(back_at, self._answer, flight)

    def _time_out(self, flight: Flight) -> None:
        self._failed(flight, TIMED_OUT)

    def _answer(self, flight: Flight) -> None:
        assert flight.fate is not None
        answer = flight.fate.answer
        if answer is None or flight.epoch != self._server.epoch:
            self._failed(flight, NO_ANSWER)
            return
        client = flight.client
        if client.done_at is not None:
            return
        now = self._clock.now()
        client.run.answered(now, flight.request, answer.status, answer.headers, answer.body)
        self._heard(client, now)

    def _failed(self, flight: Flight, error: str) -> None:
        client = flight.client
        if client.done_at is not None:
            return
        now = self._clock.now()
        client.run.failed(now, flight.request, error)
        self._heard(client, now)
