// What live readers wait for: which of many filters a new event matches, found by hashing what the
// event has, never by a loop over all filters. Of one thread, but for `empty` and `size`.
#pragma once

#include <array>
#include <atomic>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/ids.h"
#include "storage/model/event.h"
#include "storage/model/filter.h"

namespace daybook {

class Interests;

// The filter of one reader, among the others for as long as it lives.
class Interest {
 public:
  // `told` is called from within the calls of `Interests` that say so. It must make and destroy no
  // interest.
  Interest(Interests& all, Filter filter, std::function<void()> told);
  ~Interest();
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;

  // Call it once, with the head as it is after the construction. Of what was committed before,
  // nothing is known.
  void begin(Offset head);

  // Whether something that was looked at above `position` may match, so that the log has to be
  // read.
  bool may_match_above(Offset position) const { return position < last_match_; }
  // From `position` up to here nothing matches; never below `position`.
  Offset quiet_up_to(Offset position) const;
  bool closed() const;

 private:
  friend class Interests;
  void mark(Offset first, Offset last);

  Interests& all_;
  const Filter filter_;
  const std::function<void()> told_;
  Offset last_match_ = kEndOfLog;  // perhaps; nothing between it and what was looked at matches
  Offset match_before_;            // nothing between it and `match_after_gap_` matches
  Offset match_after_gap_;
  bool marked_ = false;  // and not told yet
};

class Interests {
 public:
  Interests() = default;
  Interests(const Interests&) = delete;
  Interests& operator=(const Interests&) = delete;

  // Any thread: these two.
  bool empty() const { return count_.load() == 0; }
  std::size_t size() const { return count_.load(); }

  // Everything up to here was looked at.
  Offset looked_at() const { return looked_at_; }
  // Whether `look_at` can change anything: somebody has a filter.
  bool has_filters() const { return unfiltered_.size() < all_.size(); }

  // Looks at one committed event. Nobody is told before `tell_up_to`.
  void look_at(const EventView& event);
  // Instead of looking at them: events up to `head` may match every filter.
  void mark_all(Offset head);
  // All events up to `head` were looked at: tells those whose filters match, and those without one.
  // Returns how many that were.
  std::size_t tell_up_to(Offset head);

  // Tells everybody, so that readers nothing matches for can say how far they got.
  void tell_all();
  // Tells everybody that no more will come.
  void close();
  bool closed() const { return closed_; }

 private:
  friend class Interest;

  // What a filter is found under; `aggregate_id` holds those of one aggregate as well.
  enum class By : unsigned char {
    aggregate_id,
    correlation,
    causation,
    tag,
    event_type,
    type_prefix,
    aggregate_type,
  };
  static constexpr std::size_t kWays = 7;
  struct Key {
    By by;
    std::string_view name;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  using Keys = boost::container::small_vector<Key, 4>;
  // An event that matches has one of these. None: every event may match. None is there
  // twice.
  static Keys keys_of(const Filter& filter);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  using Readers = boost::container::small_vector<Interest*, 1>;
  using Map = boost::unordered_flat_map<std::string, Readers, Hash, std::equal_to<>>;

  void add(Interest& interest);
  void remove(Interest& interest);
  Map& map(By by) { return maps_[static_cast<std::size_t>(by)]; }
  void look_up(By by, std::string_view name, const EventView& event);

  std::atomic<std::size_t> count_{0};
  boost::unordered_flat_set<Interest*> all_;
  boost::unordered_flat_set<Interest*> unfiltered_;
  std::array<Map, kWays> maps_;
  std::map<std::size_t, std::size_t> prefix_lengths_;  // and how many keys have each
  std::vector<Interest*> marked_;                      // since the last `tell_up_to`
  Offset looked_at_;
  bool closed_ = false;
};

}  // namespace daybook
