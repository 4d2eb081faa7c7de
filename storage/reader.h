// Every read of events: index and window together, exact as of the moment it began. Pages are
// bounded; nothing outlives a call but what the page itself keeps alive. Any thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "storage/book/book.h"
#include "storage/index/index.h"
#include "storage/index/window.h"
#include "storage/model/query.h"

namespace daybook {

class Reader {
 public:
  Reader(const Book& book, const Index& index, const Window& window)
      : book_(book), index_(index), window_(window) {}

  // With Tier::memory_only `not_yet` where the disk must be asked: call again on a read thread.
  // `recovering` where the window is not whole: then offsets and times alone can be asked.
  Result<Page> read(const Query& query, engine::Tier tier) const;
  Result<Page> find(Offset offset, engine::Tier tier) const;
  // The events at exactly these offsets, in this order; `not_found` where one is above the head.
  // Consecutive ones of one block take one look-up. Ends early where the page takes
  // limits::page_bytes_max.
  Result<Page> read(std::span<const Offset> offsets, engine::Tier tier) const;
  Result<Page> find(const std::string& id_space, const std::string& id, engine::Tier tier) const;
  // The first offset after `after` that matches, up to `head`; nullopt: none. Fails with
  // `condition_too_broad` where that takes more than `candidates_max` look-ups.
  Result<std::optional<Offset>> first_match(const Filter& filter, Offset after,
                                            std::size_t candidates_max, engine::Tier tier) const;
  // The last offset before the point.
  Result<Offset> resolve(const GroupStart& point) const;

  // The event's id, offset and content, where an id is known; server-made ones included.
  Result<std::optional<KnownId>> known(std::string_view id_space, std::string_view id,
                                       const WindowView& window, engine::Tier tier) const;

 private:
  friend class PageBuilder;
  Result<std::shared_ptr<const Block>> block_at(Offset offset, const WindowView& window,
                                                engine::Tier tier) const;
  Result<Query> with_time_as_offsets(const Query& query, Offset head) const;

  const Book& book_;
  const Index& index_;
  const Window& window_;
};

}  // namespace daybook
