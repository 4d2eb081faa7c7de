// Certificates for servers of tests.
#pragma once

#include <string>

namespace daybook {

// A certificate for "localhost" and 127.0.0.1 that is its own authority, with its key, in PEM.
struct Identity {
  std::string certificate;
  std::string key;
};
Identity make_identity(const std::string& alternative_names = "DNS:localhost,IP:127.0.0.1");

}  // namespace daybook
