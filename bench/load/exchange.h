// How one wire protocol asks and is answered, without sockets: the driver carries the bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace daybook::load {

struct Scanned {
  std::size_t consumed = 0;  // bytes of the input that need not be shown again
  unsigned answers = 0;      // requests that were answered, the failed ones included
  unsigned failed = 0;
};

// One connection's side of a protocol. Answers come in the order of the requests.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // Greets on a blocking socket before the load begins.
  virtual void open(int /*fd*/) {}
  // Appends the next request.
  virtual void write_next(std::string& out) = 0;
  // Reads what has arrived. `out` takes what the protocol wants answered at once, as a PONG.
  // Throws where the bytes are no such protocol.
  virtual Scanned scan(std::string_view in, std::string& out) = 0;
  // The first failed answer, for a person.
  const std::string& first_failure() const { return first_failure_; }

 protected:
  void remember_failure(std::string_view answer) {
    if (first_failure_.empty()) first_failure_ = answer.substr(0, 600);
  }

 private:
  std::string first_failure_;
};

using MakeExchange = std::function<std::unique_ptr<Exchange>()>;

}  // namespace daybook::load
