// An HTTP server that answers from a script, for tests of clients.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace daybook::testing {

struct Answer {
  unsigned status = 200;
  std::string body{};
  std::string content_type = "application/json";
  bool closes = false;  // the connection, behind this answer, with `Connection: close`
  bool drops = false;   // the connection, instead of an answer
  std::vector<std::pair<std::string, std::string>> headers{};
};

struct Asked {
  std::string line;  // "POST /v1/events"
  std::string body;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
};

using Script = std::vector<Answer>;

// One connection at a time, one answer a request, across connections. Whoever talks to it has to
// hang up before it is destroyed.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  std::string url() const;
  std::vector<Asked> asked() const;
  std::vector<std::string> lines() const;  // of what was asked
  int connections() const;

 private:
  struct Listener;
  void serve();

  Script script_;
  std::unique_ptr<Listener> listener_;
  mutable std::mutex mutex_;  // guards the next two
  std::vector<Asked> asked_;
  int connections_ = 0;
  std::thread thread_;
};

}  // namespace daybook::testing
