"""The program, which is there and waits before it gets the route that is measured."""

import contextlib
import signal

from .process import OMNIBUS, free_port, running

IDLE = "routes: [ { id: idle, from: { timer: { every: 1h } }, steps: [ { filter: 'false' } ] } ]\n"


@contextlib.contextmanager
def idle_engine(home, environment):
    """Runs the program on `home`/routes with a route that does nothing. Yields its process, the port of its metrics, and a
    function that gives it a route to work on: what is measured begins there."""
    told = free_port()
    (home / "routes").mkdir(parents=True, exist_ok=True)
    (home / "routes/idle.yaml").write_text(IDLE)
    (home / "omnibus.yaml").write_text(
        f'data: {{ directory: "{home}/data" }}\ntelemetry: {{ listen: "127.0.0.1:{told}" }}\nadmin: {{ enabled: false }}\n')
    with running([str(OMNIBUS), "run", str(home / "routes")], home, ready=told, env=environment) as program:
        def work(route):
            (home / "routes/work.yaml").write_text(route)
            program.send_signal(signal.SIGHUP)

        yield program, told, work
