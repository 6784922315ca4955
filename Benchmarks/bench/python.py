"""Python with packages that benchmarks compare with or against."""

import os
import pathlib
import subprocess


def python_with(name, packages):
    """Python with the packages, installed once below ~/.cache under a name; None where they cannot be had."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    folder = cache / "omnibus-bench" / name
    python = folder / "bin/python"
    installed, wanted = folder / "installed", "\n".join(packages)
    if installed.exists() and installed.read_text() == wanted:
        return str(python)
    made = subprocess.run(["python3", "-m", "venv", str(folder)]).returncode == 0
    if not made or subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages]).returncode != 0:
        return None
    installed.write_text(wanted)
    return str(python)
