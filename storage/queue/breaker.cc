#include "storage/queue/breaker.h"

#include <algorithm>

namespace daybook::queue {

std::chrono::milliseconds back_off(const QueueSettings& settings, std::size_t failed) {
  if (settings.backoff_ms.empty()) return {};
  const std::size_t step = std::clamp<std::size_t>(failed, 1, settings.backoff_ms.size());
  return std::chrono::milliseconds(settings.backoff_ms[step - 1]);
}

void Breaker::configure(const QueueSettings& settings) {
  settings_ = settings;
}

BreakerState Breaker::state() const {
  if (closed_) return BreakerState::closed;
  return probe_ || good_probes_ > 0 ? BreakerState::probing : BreakerState::open;
}

bool Breaker::is_probe(Offset offset, Attempt attempt) const {
  return probe_ && probe_->offset == offset && probe_->attempt == attempt;
}

void Breaker::delivered(Offset offset, Attempt attempt) {
  if (!closed_) probe_ = Probe{offset, attempt};
}

void Breaker::finished(Offset offset, Attempt attempt, bool good, Moment now) {
  if (closed_) return count(good, now);
  if (!is_probe(offset, attempt)) return;
  probe_.reset();
  if (!good) {
    good_probes_ = 0;
    probe_at_ = now + back_off(settings_, ++step_ + 1);
    return;
  }
  probe_at_ = now;
  if (++good_probes_ == kGoodProbes) closed_ = true;
}

void Breaker::withdrawn(Offset offset, Attempt attempt, Moment now) {
  if (!is_probe(offset, attempt)) return;
  probe_.reset();
  probe_at_ = now;
}

std::optional<Moment> Breaker::next_due() const {
  if (closed_ || probe_) return std::nullopt;
  return probe_at_;
}

void Breaker::count(bool good, Moment now) {
  finished_.push_back({now, good});
  failures_ += good ? 0 : 1;
  forget_before(now - kMemory);
  const std::size_t enough = std::min(kSampleMin, settings_.breaker_window);
  if (finished_.size() < enough) return;
  const double ratio = static_cast<double>(failures_) / static_cast<double>(finished_.size());
  if (ratio >= settings_.breaker_ratio) open(now);
}

void Breaker::forget_before(Moment when) {
  while (finished_.size() > settings_.breaker_window ||
         (!finished_.empty() && finished_.front().at < when)) {
    failures_ -= finished_.front().good ? 0 : 1;
    finished_.pop_front();
  }
}

void Breaker::open(Moment now) {
  closed_ = false;
  finished_.clear();
  failures_ = 0;
  step_ = 0;
  good_probes_ = 0;
  probe_.reset();
  probe_at_ = now + back_off(settings_, 1);
}

}  // namespace daybook::queue
