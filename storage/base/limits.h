// Every queue, page, body and batch in the daemon takes its bound from here. `Limits` are the
// bounds that an operator may change (config section `limits`); the constants are fixed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace daybook {

struct Limits {
  std::size_t body_bytes_max = 16 << 20;
  std::size_t event_bytes_max = 1 << 20;  // payload and metadata together, minified
  std::size_t batch_events_max = 10'000;
  std::size_t tags_max = 32;  // per event
  std::size_t json_depth_max = 128;
  std::size_t page_events_max = 10'000;
  std::size_t condition_postings = 100'000;  // what evidence for one condition may look at
};

namespace limits {

inline constexpr std::size_t name_bytes_max = 255;     // names, ids, tags, groups, members
inline constexpr std::size_t filter_names_max = 1000;  // in each list of a filter
inline constexpr std::size_t schema_version_bytes_max = 50;
inline constexpr std::size_t tags_max_ever = 255;             // what a block can hold per event
inline constexpr std::size_t block_bytes_target = 128 << 10;  // a block closes at this size
inline constexpr std::size_t group_commit_bytes = 1 << 20;    // a group closes at this size
inline constexpr std::size_t page_bytes_max = 8 << 20;
inline constexpr std::size_t page_candidates_max = 50'000;  // events looked at for one page
inline constexpr std::uint32_t chunk_events = 64 << 10;     // one index chunk
inline constexpr std::size_t chunk_bytes = 48 << 20;        // or this many bytes of blocks
inline constexpr std::size_t connection_unsent_bytes = 4 << 20;
// A live reader is told how far it got after so many events that did not match, or so long.
inline constexpr std::uint64_t checkpoint_events = 10'000;
inline constexpr std::chrono::seconds checkpoint_interval{5};
// Of queue groups.
inline constexpr std::size_t reason_bytes_max = 1000;  // why a delivery failed; more is cut
inline constexpr std::size_t failures_kept = 20;       // of an event: the last ones
inline constexpr std::size_t push_url_bytes_max = 2048;
inline constexpr std::size_t dead_letters_page_max = 1000;
inline constexpr std::size_t burials_in_turn = 64;      // that a queue asks for at once
inline constexpr std::chrono::hours delay_max{24 * 7};  // of a nack

// Of projections.
inline constexpr std::size_t projection_failures_page_max = 1000;

static_assert(group_commit_bytes >= block_bytes_target);

}  // namespace limits
}  // namespace daybook
