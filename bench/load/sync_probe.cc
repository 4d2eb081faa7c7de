// Appends and syncs, one after the other.
#include "bench/load/sync_probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "bench/load/clock.h"
#include "bench/load/socket.h"

namespace daybook::load {

Measured probe_sync(const SyncProbeOptions& options) {
  const std::string path = options.directory + "/sync_probe.bin";
  const Fd fd(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!fd) throw_errno(path.c_str());
  ::unlink(path.c_str());
  std::array<char, 4096> page{};
  page.fill('d');
  Measured measured;
  const std::int64_t begin = now_ns();
  const std::int64_t end = begin + seconds_to_ns(options.seconds);
  const double cpu_before = own_cpu_seconds();
  std::int64_t now = begin;
  while (now < end && measured.requests < options.appends_max) {
    if (::write(fd.get(), page.data(), page.size()) != static_cast<ssize_t>(page.size()))
      throw_errno("write");
    if (::fdatasync(fd.get()) != 0) throw_errno("fdatasync");
    const std::int64_t after = now_ns();
    measured.latency.add(after - now);
    now = after;
    ++measured.requests;
  }
  measured.seconds = static_cast<double>(now - begin) / 1e9;
  measured.events = measured.requests_total = measured.events_total = measured.requests;
  measured.generator_cpu_seconds = own_cpu_seconds() - cpu_before;
  return measured;
}

}  // namespace daybook::load
