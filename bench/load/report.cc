// Prints reports.
#include "bench/load/report.h"

#include <fmt/core.h>

#include <cstdio>

namespace daybook::load {
namespace {

double per(double amount, double of) {
  return of > 0 ? amount / of : 0;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += ' ';
    else
      out += c;
  }
  return out + '"';
}

std::string to_json(const Report& report) {
  const Measured& m = report.measured;
  std::string out = fmt::format(R"({{"run":"{}")", report.run);
  for (const auto& [name, value] : report.parameters)
    out += fmt::format(R"(,"{}":{})", name, value);
  out +=
      fmt::format(R"(,"seconds":{:.3f},"requests":{},"events":{},"failed":{},"requests_total":{},)"
                  R"("events_total":{},"requests_per_second":{:.1f},"events_per_second":{:.1f},)"
                  R"("generator_cpu_us_per_request":{:.3f})",
                  m.seconds, m.requests, m.events, m.failed, m.requests_total, m.events_total,
                  per(static_cast<double>(m.requests), m.seconds),
                  per(static_cast<double>(m.events), m.seconds),
                  per(m.generator_cpu_seconds * 1e6, static_cast<double>(m.requests)));
  if (m.latency.count() > 0)
    out += fmt::format(
        R"(,"latency_us":{{"p50":{:.1f},"p90":{:.1f},"p99":{:.1f},"p99_9":{:.1f},"max":{:.1f}}})",
        m.latency.percentile_us(0.5), m.latency.percentile_us(0.9), m.latency.percentile_us(0.99),
        m.latency.percentile_us(0.999), m.latency.max_us());
  if (!m.first_failure.empty()) out += ",\"first_failure\":" + quoted(m.first_failure);
  return out + "}\n";
}

std::string to_table(const Report& report) {
  const Measured& m = report.measured;
  std::string out = fmt::format("{}", report.run);
  for (const auto& [name, value] : report.parameters) out += fmt::format("  {}={}", name, value);
  out += fmt::format("\n  {:>12} {:>12} {:>9} {:>8} {:>10} {:>10} {:>10} {:>10}\n", "events/s",
                     "requests/s", "cpu µs", "failed", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs");
  out += fmt::format("  {:>12.0f} {:>12.0f} {:>8.2f} {:>8} {:>9.1f} {:>9.1f} {:>9.1f} {:>9.1f}\n",
                     per(static_cast<double>(m.events), m.seconds),
                     per(static_cast<double>(m.requests), m.seconds),
                     per(m.generator_cpu_seconds * 1e6, static_cast<double>(m.requests)), m.failed,
                     m.latency.percentile_us(0.5), m.latency.percentile_us(0.9),
                     m.latency.percentile_us(0.99), m.latency.percentile_us(0.999));
  if (!m.first_failure.empty()) out += "  first failure: " + m.first_failure + "\n";
  return out;
}

}  // namespace

int print(const Report& report) {
  std::fputs(to_table(report).c_str(), stderr);
  std::fputs(to_json(report).c_str(), stdout);
  std::fflush(stdout);
  return report.measured.failed == 0 && report.measured.requests > 0 ? 0 : 1;
}

}  // namespace daybook::load
