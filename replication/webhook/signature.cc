#include "replication/webhook/signature.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace daybook::webhook {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Empty where it is not base64 with its padding.
std::string from_base64(std::string_view text) {
  const std::size_t digits = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - digits;
  if (text.size() % 4 != 0 || padding > 2 || text.find_first_not_of('=', digits) != text.npos ||
      text.substr(0, digits).find_first_not_of(kAlphabet) != text.npos)
    return {};
  std::string out(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(text),
                  static_cast<int>(text.size()));
  out.resize(out.size() - padding);  // It decodes padding as zeros.
  return out;
}

}  // namespace

Result<std::string> signing_key(std::string_view secret) {
  if (!secret.starts_with(kPrefix)) return std::string(secret);
  std::string key = from_base64(secret.substr(kPrefix.size()));
  if (key.empty()) return Error{Errc::bad_value, "behind whsec_ stands the key in base64"};
  return key;
}

std::string signature(std::string_view key, const Signed& what) {
  std::string text(what.id);
  text += '.' + std::to_string(what.timestamp) + '.';
  text += what.body;
  std::array<unsigned char, 32> mac{};
  std::size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(), bytes_of(text),
                text.size(), mac.data(), mac.size(), &size) == nullptr)
    throw std::runtime_error("OpenSSL has no HMAC-SHA256");
  std::array<char, 45> base64{};  // of 32 bytes, and a zero
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), mac.data(),
                  static_cast<int>(size));
  return std::string("v1,") + base64.data();
}

}  // namespace daybook::webhook
