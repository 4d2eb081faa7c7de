#include "daemon/net/response_text.h"

#include <boost/beast/http/status.hpp>
#include <charconv>
#include <ctime>

namespace daybook::net {
namespace {

constexpr unsigned kNoContent = 204;

void append_number(std::string& out, std::size_t number, int base = 10) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  out.append(digits, end);
}

// "Date: Sat, 21 Nov 2026 00:20:00 GMT" (RFC 9110 §5.6.7), made once a second and thread.
std::string_view date_line() {
  thread_local std::time_t made = 0;
  thread_local char line[64];
  thread_local std::size_t bytes = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    bytes = std::strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    made = now;
  }
  return {line, bytes};
}

}  // namespace

void append_head(std::string& out, const http::Response& response, Framing framing,
                 bool keep_alive) {
  namespace beast_http = boost::beast::http;
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  out += ' ';
  const auto reason = beast_http::obsolete_reason(static_cast<beast_http::status>(response.status));
  out.append(reason.data(), reason.size());
  out += "\r\n";
  out += date_line();
  if (!response.content_type.empty() && response.status != kNoContent) {
    out += "Content-Type: ";
    out += response.content_type;
    out += "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (framing == Framing::chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (framing == Framing::length && response.status != kNoContent) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  if (!keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
}

void append_whole(std::string& out, const http::Response& response, bool keep_alive) {
  append_head(out, response, Framing::length, keep_alive);
  if (response.status != kNoContent) out += response.body;
}

void append_chunk(std::string& out, std::string_view piece) {
  if (piece.empty()) return;  // An empty chunk would end the body.
  append_number(out, piece.size(), 16);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

}  // namespace daybook::net
