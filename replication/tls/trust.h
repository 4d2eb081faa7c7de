// Whom TLS trusts: the system's certificates, and a private authority where one is named.
#pragma once

#include <memory>
#include <string>

#include "storage/base/result.h"

namespace boost::asio::ssl {
class context;
}

namespace daybook {

class Trust {
 public:
  // `ca_file`: certificates in PEM; empty: none. Fails with bad_value where it cannot be read; the
  // detail begins with the file's name.
  static Result<std::shared_ptr<const Trust>> open(const std::string& ca_file);
  ~Trust();
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  // Clients only, TLS 1.2 and later, peers verified. Streams may be made of it on any thread.
  boost::asio::ssl::context& context() const { return *context_; }

 private:
  Trust();
  const std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace daybook
