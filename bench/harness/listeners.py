"""A second generator that takes what comes, while something else is measured."""

import contextlib
import json
import subprocess


@contextlib.contextmanager
def listeners(bench, server, kind, *arguments):
    """Connected within the `with`; afterwards the dict has what they say. `kind` is `idle`
    subscribers or members of a `queue`."""
    command = [bench.load, kind, "--port", str(server.port), "--seconds", "3600"]
    said = {}
    with subprocess.Popen(command + [str(argument) for argument in arguments],
                          stdout=subprocess.PIPE, text=True) as holder:
        try:
            if not holder.stdout.readline():
                raise SystemExit(f"{kind}: they could not connect")
            said["pid"] = holder.pid
            yield said
        finally:
            holder.terminate()
            last = holder.stdout.readlines()[-1:]
        said |= json.loads(last[0]) if last else {}
