#include "replication/tls/trust.h"

#include <boost/asio/ssl/context.hpp>

namespace daybook {

namespace ssl = boost::asio::ssl;

Trust::Trust() : context_(std::make_unique<ssl::context>(ssl::context::tls_client)) {
  SSL_CTX_set_min_proto_version(context_->native_handle(), TLS1_2_VERSION);
  context_->set_verify_mode(ssl::verify_peer);
  context_->set_default_verify_paths();
}

Trust::~Trust() = default;

Result<std::shared_ptr<const Trust>> Trust::open(const std::string& ca_file) {
  const std::shared_ptr<Trust> trust(new Trust());
  boost::system::error_code failed;
  if (!ca_file.empty()) trust->context_->load_verify_file(ca_file, failed);
  if (failed)
    return Error{Errc::bad_value,
                 '"' + ca_file + "\", which has no certificates: " + failed.message()};
  return std::shared_ptr<const Trust>(trust);
}

}  // namespace daybook
