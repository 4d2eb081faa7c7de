"""What a server's processes and the disk have used, from /proc and /sys."""

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


def disk(directory):
    """(bytes written, flushes) of the disk under a folder since boot, with what was still in the
    page cache; (None, None) where the kernel does not tell, as under an overlay.

    Not /proc/PID/io: where a file's pages are large, it counts the whole page for each line."""
    os.sync()
    device = os.stat(directory).st_dev
    place = os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    if os.path.exists(f"{place}/partition"):  # Flushes are counted for the whole disk alone.
        place = os.path.dirname(place)
    fields = read_text(f"{place}/stat").split()
    return (int(fields[6]) * 512, int(fields[15])) if len(fields) > 15 else (None, None)


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
            f"{best[1]}, Linux {'.'.join(os.uname().release.split('.')[:2])}")
