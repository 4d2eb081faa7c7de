#include "replication/webhook/resolver.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

namespace daybook::webhook {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

struct Lookup {
  std::shared_ptr<tcp::resolver> resolver;  // Lives until it has answered.
  std::string host;
  std::function<void(Resolved)> done;

  void operator()(error_code failed, const tcp::resolver::results_type& found) const {
    if (failed)
      return done(Error{Errc::io_failed, host + " cannot be resolved: " + failed.message()});
    std::vector<Address> addresses;
    for (const auto& entry : found) {
      const auto address = parse_address(entry.endpoint().address().to_string());
      if (address && std::ranges::find(addresses, *address) == addresses.end())
        addresses.push_back(*address);
    }
    if (addresses.empty()) return done(Error{Errc::io_failed, host + " has no address"});
    done(std::move(addresses));
  }
};

}  // namespace

Resolve system_resolver(const boost::asio::any_io_executor& executor) {
  return [executor](const std::string& host, std::function<void(Resolved)> done) {
    auto resolver = std::make_shared<tcp::resolver>(executor);
    resolver->async_resolve(host, "", Lookup{resolver, host, std::move(done)});
  };
}

}  // namespace daybook::webhook
