#include "replication/tls/handshake.h"

#include <openssl/x509v3.h>

namespace daybook {

bool expect_host(SSL* ssl, const std::string& host, bool is_address) {
  if (is_address) {
    const std::string address = host.substr(0, host.find('%'));
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), address.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1;
}

std::string handshake_trouble(SSL* ssl, boost::system::error_code code) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_OK) return "no TLS: " + code.message();
  return std::string("its certificate is refused: ") + X509_verify_cert_error_string(verified);
}

}  // namespace daybook
