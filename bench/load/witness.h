// Sees from outside up to where the log was posted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace daybook::load {

class Witness {
 public:
  virtual ~Witness() = default;
  virtual int fd() const = 0;
  // Something can be read, or `pause` is over: reports each offset that is seen by now, ascending.
  // Asks again where it has to ask.
  virtual void hear(const std::function<void(std::uint64_t offset)>& seen) = 0;
  // Between two questions; 0: it is told and need not ask.
  virtual std::int64_t pause_ns() const = 0;
};

// SUBSCRIBEs; messages are native events.
std::unique_ptr<Witness> witness_redis(std::uint16_t port, const std::string& channel);
// Asks for the checkpoint of the projection `postgres`, every half millisecond.
std::unique_ptr<Witness> witness_postgres(const std::string& conninfo);

}  // namespace daybook::load
