// A small table set of the tests' own, in a real database: `public.things`, a row for each event,
// and `public.heads`, how far each aggregate has come. Its definitions are "things 1", "things 2",
// which has a column `note` more, and so on; no other can be read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "replication/postgres/projection_sink.h"

namespace daybook::postgres {

struct ThingHooks {
  // Called within `write`: "before the copy", "in the copy", "after the copy".
  std::function<void(const std::string& step)> at;
  Filter filter;
};

MakeTables make_things(std::shared_ptr<ThingHooks> hooks);

}  // namespace daybook::postgres
