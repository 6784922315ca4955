"""A small disk of its own, which can be filled."""

import asyncio
import os
import pathlib
import subprocess
import tempfile


class Disk:
    """A folder for the data; a file system of its own in memory where this process may mount one."""

    def __init__(self, size="256m"):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="omnibus-faults-"))
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.root], stderr=subprocess.DEVNULL)
        self.is_small = mounted.returncode == 0
        self.data = self.root / "data"

    async def fill(self, seconds):
        """Leaves no room for a while."""
        filler = self.root / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    os.write(file.fileno(), bytes(1 << 20))
            except OSError:
                pass
            try:
                while True:
                    os.write(file.fileno(), bytes(512))
            except OSError:
                pass
        await asyncio.sleep(seconds)
        filler.unlink()

    def remove(self):
        if self.is_small:
            subprocess.run(["umount", "-l", self.root])
        subprocess.run(["rm", "-rf", self.root])
