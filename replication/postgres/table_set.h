// What a projection keeps in the database, apart from its checkpoint: the table of events, or a
// declared read model. A generation is one set of tables, named with its number (`events_g1`); what
// users query are views over one of them, so that the next can be built beside and swapped in.
//
// Every call leaves it to the caller to decide what an error means. Of one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "replication/postgres/connection.h"
#include "storage/model/event.h"
#include "storage/model/filter.h"

namespace daybook::postgres {

using Generation = std::uint32_t;  // from 1

class TableSet {
 public:
  virtual ~TableSet() = default;

  // Which events it takes.
  virtual Filter filter() const = 0;

  // Outside of a transaction, after each connect. Whether the tables of the generation are there.
  virtual boost::asio::awaitable<SqlResult<bool>> exists(Connection& connection,
                                                         Generation generation) = 0;
  // In a transaction. Creates them; `bare`: without what only queries need, because a build fills
  // them faster so. `complete` adds that.
  virtual boost::asio::awaitable<SqlResult<void>> create(Connection& connection,
                                                         Generation generation, bool bare) = 0;
  // Outside of a transaction, once after each connect: prepared statements and the like.
  virtual boost::asio::awaitable<SqlResult<void>> begin_session(Connection& connection,
                                                                Generation generation) = 0;

  // Why the database could not hold this event, found without asking it; empty: it could.
  virtual std::string refusal(const EventView& event) const = 0;
  // In a transaction. The events are in the order of the log; each comes once, a repeat after a
  // rollback aside. Those that `refused` were refused or failed: what does not depend on their
  // payload is kept of them too (how far an aggregate has come).
  struct Batch {
    std::span<const EventView> events;
    std::span<const EventView> refused;
  };
  virtual boost::asio::awaitable<SqlResult<void>> write(Connection& connection,
                                                        Generation generation, Batch batch) = 0;

  // In a transaction of its own: what `bare` left out. May be called again once it is done.
  virtual boost::asio::awaitable<SqlResult<void>> complete(Connection& connection,
                                                           Generation generation) = 0;
  // In a transaction: from its commit on users see this generation. Grants and dependants live on.
  virtual boost::asio::awaitable<SqlResult<void>> show(Connection& connection,
                                                       Generation generation) = 0;
  // In a transaction. Drops the tables of a generation, if they exist. Nobody sees it any more; or
  // the projection itself is dropped, and the views go with it.
  virtual boost::asio::awaitable<SqlResult<void>> drop(Connection& connection,
                                                       Generation generation) = 0;
};

}  // namespace daybook::postgres
