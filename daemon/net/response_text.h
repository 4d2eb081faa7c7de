// Responses as the bytes of HTTP/1.1 (RFC 9112).
#pragma once

#include <string>
#include <string_view>

#include "protocol/http/message.h"

namespace daybook::net {

// How the body's end is told.
enum class Framing : std::uint8_t { length, chunked, until_close };

void append_head(std::string& out, const http::Response& response, Framing framing,
                 bool keep_alive);
// Head and body of a response without a stream.
void append_whole(std::string& out, const http::Response& response, bool keep_alive);

void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace daybook::net
