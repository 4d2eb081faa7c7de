#include "storage/server_id.h"

#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid.hpp>

#include <algorithm>

namespace daybook {
namespace {

constexpr std::size_t kTextBytes = 36;

std::uint64_t log_tag(const LogId& log) {
  return ((log[0] << 8) | log[1]) & 0x3fff;
}

void put_big(Uuid& uuid, std::size_t at, std::size_t bytes, std::uint64_t value) {
  for (std::size_t i = bytes; i > 0; --i, value >>= 8)
    uuid[at + i - 1] = static_cast<std::uint8_t>(value);
}

std::uint64_t get_big(const boost::uuids::uuid& uuid, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | uuid.data[at + i];
  return value;
}

bool is_canonical(std::string_view id) {
  return id.size() == kTextBytes && id[14] == '7' &&
         std::ranges::all_of(
             id,
             [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }) &&
         id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-' &&
         std::ranges::count(id, '-') == 4;
}

}  // namespace

Uuid make_server_id(const LogId& log, Offset offset, Timestamp recorded_at,
                    std::uint64_t randomness) {
  Uuid uuid{};
  put_big(uuid, 0, 6, static_cast<std::uint64_t>(recorded_at.micros / 1000));
  put_big(uuid, 6, 2, 0x7000 | (randomness & 0xfff));
  put_big(uuid, 8, 2, 0x8000 | log_tag(log));
  put_big(uuid, 10, 6, offset.value);
  return uuid;
}

std::optional<Offset> offset_in(const LogId& log, std::string_view id) {
  if (!is_canonical(id)) return std::nullopt;
  const boost::uuids::uuid uuid = boost::uuids::string_generator()(id.begin(), id.end());
  if (get_big(uuid, 8, 2) != (0x8000 | log_tag(log))) return std::nullopt;
  return Offset{get_big(uuid, 10, 6)};
}

}  // namespace daybook
