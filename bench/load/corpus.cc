// Makes the corpus. One event:
//   {"event_type":"task.started","aggregate_type":"task","aggregate_id":"UUID","tags":["run:0042"],
//    "payload":{"note":"words…","data":"hex…"}}
// The note takes up what the names leave, so that every event has the same length.
#include "bench/load/corpus.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace daybook::load {
namespace {

constexpr std::array<std::string_view, Corpus::kTypes> kTypes = {
    "task.created", "task.assigned", "task.started",   "task.progressed",
    "task.blocked", "task.reviewed", "task.completed", "task.archived"};
constexpr std::string_view kWords =
    "the worker took the job and reported how far it had come before the next step was due ";
constexpr std::size_t kTags = 1000;

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

void append_hex(std::string& out, Random& random, std::size_t digits) {
  for (std::uint64_t bits = 0; digits > 0; --digits, bits >>= 4) {
    if (digits % 16 == 0 || bits == 0) bits = random.next();
    out += "0123456789abcdef"[bits & 15];
  }
}

void append_uuid(std::string& out, std::size_t aggregate) {
  Random random(aggregate * 2 + 1);
  std::string hex;
  append_hex(hex, random, 32);
  hex[12] = '4';
  hex[16] = 'a';
  out.append(hex, 0, 8).append("-").append(hex, 8, 4).append("-");
  out.append(hex, 12, 4).append("-").append(hex, 16, 4).append("-").append(hex, 20, 12);
}

std::string four_digits(std::uint64_t number) {
  return std::to_string(10'000 + number).substr(1);
}

void append_event(std::string& out, std::size_t aggregate, std::size_t types, Random& random) {
  const std::size_t begin = out.size();
  out += R"({"event_type":")";
  const std::uint64_t type = random.next() % types;
  out += types <= kTypes.size() ? std::string(kTypes[type]) : "task." + four_digits(type);
  out += R"(","aggregate_type":"task","aggregate_id":")";
  append_uuid(out, aggregate);
  out += R"(","tags":["run:)";
  out += four_digits(random.next() % kTags);
  out += R"("],"payload":)";
  const std::size_t payload = Corpus::kEventBytes - (out.size() - begin) - 1;
  const std::size_t frame = std::string_view(R"({"note":"","data":""})").size();
  const std::size_t hex = payload / 2;
  const std::size_t note = payload - frame - hex;
  out += R"({"note":")";
  out += kWords.substr(random.next() % (kWords.size() - note), note);
  out += R"(","data":")";
  append_hex(out, random, hex);
  out += R"("}})";
  if (out.size() - begin != Corpus::kEventBytes) throw std::logic_error("corpus: event length");
  out += ',';
}

// Which aggregates the events belong to, one after the other.
class Aggregates {
 public:
  explicit Aggregates(const CorpusShape& shape) : drawn_(shape.aggregates) {
    if (!shape.zipf) return;
    double sum = 0;
    for (std::size_t k = 1; k <= drawn_; ++k) up_to_.push_back(sum += 1 / static_cast<double>(k));
  }

  std::size_t next() {
    // 7919 is prime to the number of aggregates: every aggregate has its turn, in no order.
    if (drawn_ == 0) return turn_++ * 7919 % Corpus::kAggregates;
    if (up_to_.empty()) return random_.next() % drawn_;
    const double point = static_cast<double>(random_.next() >> 11) * 0x1p-53 * up_to_.back();
    return static_cast<std::size_t>(std::ranges::upper_bound(up_to_, point) - up_to_.begin());
  }

 private:
  const std::size_t drawn_;
  std::vector<double> up_to_;  // Zipf: the weights of all aggregates up to each
  std::size_t turn_ = 0;
  Random random_{20'260'125};
};

std::string_view between(std::string_view text, std::string_view before, char after) {
  const std::size_t from = text.find(before) + before.size();
  return text.substr(from, text.find(after, from) - from);
}

}  // namespace

Corpus::Corpus(const CorpusShape& shape) {
  text_.reserve(kEvents * (kEventBytes + 1));
  Random random(20'260'124);
  Aggregates aggregates(shape);
  for (std::size_t i = 0; i < kEvents; ++i)
    append_event(text_, aggregates.next(), shape.types, random);
}

std::string_view Corpus::take(std::size_t count) {
  if (count == 0 || count > kEvents) throw std::invalid_argument("a batch is 1 to 200,000 events");
  if (next_ + count > kEvents) next_ = 0;
  const std::size_t from = next_ * (kEventBytes + 1);
  next_ += count;
  return std::string_view(text_).substr(from, joined_bytes(count));
}

Columns Corpus::columns(std::string_view event) {
  const std::string_view key = R"("payload":)";
  const std::size_t payload = event.find(key) + key.size();
  return {.event_type = between(event, R"("event_type":")", '"'),
          .aggregate_type = between(event, R"("aggregate_type":")", '"'),
          .aggregate_id = between(event, R"("aggregate_id":")", '"'),
          .payload = event.substr(payload, event.size() - payload - 1)};
}

}  // namespace daybook::load
