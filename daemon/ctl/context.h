// What every command of `daybook` works with, and how it ends.
#pragma once

#include <exception>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "protocol/client/http_client.h"

namespace daybook::ctl {

// Documented in daybook(1): scripts rely on them.
enum class Exit : int { ok = 0, refused = 1, usage = 2, unreachable = 3, damaged = 4 };

// Ends the command. Caught once, in `run`.
class Failure : public std::exception {
 public:
  Failure(Exit exit, std::string text) : exit_(exit), text_(std::move(text)) {}
  Exit exit() const { return exit_; }
  const std::string& text() const { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Exit exit_;
  std::string text_;
};

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 80;  // of the terminal
};

struct Context {
  Streams streams;
  std::string url = "http://127.0.0.1:8011";
  bool json = false;                           // for programs: JSON lines instead of tables
  std::vector<std::string> command{};          // of `work`: what stands behind `--`
  std::unique_ptr<client::HttpClient> http{};  // by `connection`, once

  client::HttpClient& connection();
};

// Sends the request and returns the successful answer. Throws Failure: unreachable where none came,
// refused where the daemon said no.
client::HttpResponse ask(Context& context, const client::HttpRequest& request);

// The same with POST; prints the object that comes back, if any.
void post_and_print(Context& context, const std::string& target, const std::string& body = "");

// Whether the daemon's answer is the problem `code`.
bool is_problem(const client::HttpResponse& response, std::string_view code);

// What the daemon said, for a person: the detail, and a line for each conflict. With `--json` the
// problem as it came.
Failure refusal(const Context& context, const client::HttpResponse& response);

}  // namespace daybook::ctl
