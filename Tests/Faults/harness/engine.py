"""The program under test: started, killed in many ways, started again."""

import asyncio
import os
import pathlib
import random
import shutil
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent

POINTS = {
    "before a commit is synced": ("fsync,fdatasync", (1, 60)),
    "while the log is written": ("pwrite64", (1, 400)),
    "before something is sent": ("sendto,sendmsg", (1, 300)),
    "while a connection is accepted": ("accept4", (1, 60)),
}
"""Where a kill can be made to happen: system calls, and which call of one thread is meant, at the least and the most."""


class Engine:
    def __init__(self, program, ledger, environment, log):
        self.program = program
        self.ledger = ledger
        self.environment = os.environ | environment
        self.log = log
        self.process = None

    async def start(self, point=None):
        """Starts it, and waits until it takes connections; with a point, only until it was started."""
        command = [self.program, "run", str(HERE / "routes"), "--config", str(HERE / "routes.omnibus.yaml")]
        if point:
            calls, (least, most) = POINTS[point]
            command = [
                "strace", "-f", "-q", "-o", "/dev/null", "-e", f"trace={calls}",
                "-e", f"inject={calls}:signal=KILL:when={random.randint(least, most)}", *command]
        self.process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdin=asyncio.subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            start_new_session=True)
        return await self.wait_until_it_serves()

    async def wait_until_it_serves(self, limit=30):
        host, port = self.environment["FAULTS_LISTEN"].split(":")
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if self.process.returncode is not None:
                return False
            try:
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return True
            except OSError:
                await asyncio.sleep(0.01)
        sys.exit("the engine does not take connections; see its log")

    async def kill(self):
        """Ends it at once, if it lives."""
        self.signal(signal.SIGKILL)
        await self.process.wait()
        # The tracer may go before the traced.
        self.signal(signal.SIGKILL)

    async def wait_for_its_end(self, limit):
        """Waits for a point to be reached; false where it was not."""
        try:
            await asyncio.wait_for(self.process.wait(), limit)
            self.ledger.ends.append(time.monotonic())
            return True
        except asyncio.TimeoutError:
            return False

    async def stop(self):
        """Tells it to stop, and waits until it has; answers its exit code."""
        self.ledger.ends.append(time.monotonic())
        self.signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)

    def signal(self, number):
        if number == signal.SIGKILL:
            self.ledger.ends.append(time.monotonic())
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def can_trace():
    """Whether kills at named points are possible here."""
    return shutil.which("strace") is not None
