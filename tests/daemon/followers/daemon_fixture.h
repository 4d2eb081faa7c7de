// A whole daemon in this process, asked over HTTP.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "daemon/daemon.h"
#include "protocol/client/http_client.h"

namespace daybook::test {

class DaemonTest : public testing::Test {
 protected:
  DaemonTest();
  ~DaemonTest() override;

  // With `config_`, whose data directory stays over a restart.
  void start();
  void stop();

  client::HttpResponse send(const std::string& method, const std::string& target,
                            const std::string& body = "");
  std::string get(const std::string& target);  // the body of a 200
  // So many events of the aggregate ("thing", "1"), payload {"n":1}.
  void append(int count, const std::string& event_type = "thing.done");
  // The projection has posted everything up to the offset, within a minute.
  void expect_reached(const std::string& projection, std::uint64_t offset);
  // GET of the projection has this text in it, within a minute.
  void expect_shown(const std::string& projection, const std::string& text);

  config::Config config_;
  std::unique_ptr<Daemon> daemon_;

 private:
  std::string root_;
  std::unique_ptr<client::HttpClient> client_;
};

}  // namespace daybook::test
