// The places of a block's header; drawn in storage/FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daybook::layout {

inline constexpr std::uint32_t kMagic = 0x4b4c4244;  // "DBLK"
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::uint8_t kPlain = 0;
inline constexpr std::uint8_t kDigestXxh3 = 1;

inline constexpr std::size_t kMagicAt = 0;
inline constexpr std::size_t kVersionAt = 4;
inline constexpr std::size_t kCodecAt = 5;
inline constexpr std::size_t kDigestKindAt = 6;
inline constexpr std::size_t kFlagsAt = 7;
inline constexpr std::size_t kFirstAt = 8;
inline constexpr std::size_t kCountAt = 16;
inline constexpr std::size_t kLogAt = 20;
inline constexpr std::size_t kTermAt = 24;
inline constexpr std::size_t kFeedIndexAt = 32;
inline constexpr std::size_t kRecordedBaseAt = 40;
inline constexpr std::size_t kStringCountAt = 48;
inline constexpr std::size_t kStringBytesAt = 52;
inline constexpr std::size_t kChecksumAt = 56;
inline constexpr std::size_t kHeaderBytes = 64;

// Flags of one event. Redacted, tombstone and octet payloads are reserved: no block has them yet,
// and a reader that does not know a flag refuses the event.
inline constexpr std::uint16_t kClientId = 1 << 0;
inline constexpr std::uint16_t kOccurredApart = 1 << 1;
inline constexpr std::uint16_t kRedacted = 1 << 2;
inline constexpr std::uint16_t kTombstone = 1 << 3;
inline constexpr std::uint16_t kOctets = 1 << 4;
inline constexpr std::uint16_t kReadable = kClientId | kOccurredApart;

}  // namespace daybook::layout
