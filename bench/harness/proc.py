"""What a server's processes have used, from /proc."""

import os

TICK = 1.0 / os.sysconf("SC_CLK_TCK")


def read_text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def tree(pid):
    """The process and its children: PostgreSQL is one process per connection."""
    children = read_text(f"/proc/{pid}/task/{pid}/children").split()
    return [pid] + [grandchild for child in children for grandchild in tree(int(child))]


def cpu_seconds(pid):
    """User and system time, that of children which have ended included."""
    total = 0
    for each in tree(pid):
        fields = read_text(f"/proc/{each}/stat").rpartition(")")[2].split()
        if fields:
            total += sum(int(field) for field in fields[11:15])
    return total * TICK


def bytes_written(pid):
    """Bytes sent towards the disk, those of children which have ended included; None where the
    kernel does not tell."""
    total = 0
    for each in tree(pid):
        lines = dict(
            line.split(": ") for line in read_text(f"/proc/{each}/io").splitlines() if line)
        if "write_bytes" not in lines:
            return None
        total += int(lines["write_bytes"])
    return total


def status_mib(pid, field):
    """VmRSS or VmHWM, in MiB."""
    for line in read_text(f"/proc/{pid}/status").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return None


def describe_machine(directory):
    """One line a reader needs to judge the numbers."""
    model = next((line.split(": ", 1)[1] for line in read_text("/proc/cpuinfo").splitlines()
                  if line.startswith("model name")), "unknown CPU")
    memory = int(read_text("/proc/meminfo").split()[1]) / 1024 / 1024
    best = ("", "?", "?")
    for line in read_text("/proc/mounts").splitlines():
        device, mount, kind = line.split()[:3]
        under = directory == mount or directory.startswith(mount.rstrip("/") + "/")
        if under and len(mount) >= len(best[0]):
            best = (mount, kind, device)
    return (f"{os.cpu_count()} cores ({model.strip()}), {memory:.0f} GiB memory, "
            f"{best[1]}, Linux {os.uname().release}")
