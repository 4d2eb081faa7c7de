// Makes orders. Numbers come from the engine itself: the library's distributions differ by
// platform.
#include "bench/micro/orders.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <random>
#include <string_view>

namespace daybook::bench {
namespace {

using Random = std::mt19937_64;

template <std::size_t N>
std::string_view one_of(const std::array<std::string_view, N>& words, Random& random) {
  return words[random() % N];
}

constexpr std::array<std::string_view, 5> kTypes = {"order.placed", "order.paid", "order.packed",
                                                    "order.shipped", "order.returned"};
constexpr std::array<std::string_view, 8> kNames = {"Ada",     "Grace", "Edsger",  "Barbara",
                                                    "Niklaus", "Tony",  "Frances", "Ken"};
constexpr std::array<std::string_view, 6> kStreets = {
    "Harbour Lane", "Mill Road", "Station Street", "Church Row", "Castle Hill", "Orchard Way"};
constexpr std::array<std::string_view, 7> kGoods = {
    "Notebook, ruled, A5", "Fountain pen, medium", "Ink, blue-black, 50 ml", "Desk lamp",
    "Envelopes, 100",      "Paper knife",          "Blotting paper"};
constexpr std::array<std::string_view, 3> kChannels = {"web", "app", "telephone"};

std::string uuid(Random& random) {
  const std::uint64_t high = random();
  const std::uint64_t low = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xfff, low >> 52, low & 0xffffffffffff);
}

void append_items(std::string& out, Random& random) {
  const std::size_t count = 1 + random() % 3;
  for (std::size_t i = 0; i < count; ++i)
    fmt::format_to(std::back_inserter(out),
                   R"({}{{"sku":"SKU-{:06}","title":"{}","quantity":{},)"
                   R"("unit_price":{{"amount":{}.{:02},"currency":"EUR"}}}})",
                   i > 0 ? "," : "", random() % 1'000'000, one_of(kGoods, random), 1 + random() % 5,
                   1 + random() % 200, random() % 100);
}

void append_order(std::string& out, Random& random) {
  const std::string_view name = one_of(kNames, random);
  fmt::format_to(std::back_inserter(out),
                 R"({{"event_type":"{}","aggregate_type":"order","aggregate_id":"{}",)"
                 R"("correlation_id":"{}","tags":["customer:{}","channel:{}"],"payload":{{)"
                 R"("customer":{{"id":{},"name":"{}","email":"{}{}@example.com"}},)"
                 R"("shipping_address":{{"street":"{} {}","postal_code":"{:05}",)"
                 R"("city":"Springfield","country":"DE"}},"items":[)",
                 one_of(kTypes, random), uuid(random), uuid(random), random() % 50'000,
                 one_of(kChannels, random), random() % 50'000, name, name, random() % 1000,
                 one_of(kStreets, random), 1 + random() % 200, random() % 100'000);
  append_items(out, random);
  fmt::format_to(std::back_inserter(out),
                 R"(],"placed_at":"2026-01-{:02}T{:02}:{:02}:{:02}.{:06}Z","gift":{}}},)"
                 R"("metadata":{{"service":"checkout","version":"4.{}.0","trace_id":"{:016x}"}}}})",
                 1 + random() % 28, random() % 24, random() % 60, random() % 60,
                 random() % 1'000'000, random() % 10 == 0, random() % 20, random());
}

}  // namespace

std::string orders_body(std::size_t count) {
  Random random(20'260'124);
  std::string body = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) body += ',';
    append_order(body, random);
  }
  return body + "]";
}

}  // namespace daybook::bench
