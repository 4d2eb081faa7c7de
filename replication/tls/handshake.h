// A client's handshake: whom the peer has to prove to be, and why it was refused.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/error_code.hpp>
#include <string>

namespace daybook {

// Before the handshake. A name is asked for (SNI) and verified, an address verified, without its
// scope. False: it is no name or address for a certificate, and there must be no handshake, which
// would verify none.
[[nodiscard]] bool expect_host(SSL* ssl, const std::string& host, bool is_address);

// After one that failed with `code`, for a person.
std::string handshake_trouble(SSL* ssl, boost::system::error_code code);

}  // namespace daybook
