// Signs what is pushed, as Standard Webhooks says: HMAC-SHA256 over "id.timestamp.body".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/result.h"

namespace daybook::webhook {

// The key of a secret: the secret's bytes, or what is in base64 behind "whsec_". Fails with
// bad_value where that is not base64, or nothing.
Result<std::string> signing_key(std::string_view secret);

struct Signed {
  std::string_view id;
  std::int64_t timestamp = 0;  // seconds since 1970
  std::string_view body;
};

// The header `webhook-signature`: "v1,<base64>". Throws where OpenSSL fails.
std::string signature(std::string_view key, const Signed& what);

}  // namespace daybook::webhook
