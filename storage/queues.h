// The queues of groups in queue mode and of replays, by name. The writer alone.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "storage/book/book.h"
#include "storage/queue/queue.h"

namespace daybook {

class Queues {
 public:
  using ByName = std::map<std::string, std::unique_ptr<Queue>>;
  explicit Queues(ByName queues) : queues_(std::move(queues)) {}

  // nullptr: there is none of this name.
  const Queue* find(const std::string& name) const;
  // To change it: `write` looks at it.
  Queue* change(const std::string& name);
  // A new one, from what the row has committed on.
  void add(const std::string& name, const GroupRow& row);
  void remove(const std::string& name);

  // Puts what changed into the commit, and gives how these queues are with it.
  std::map<std::string, QueueView> write(Commit& rows);

 private:
  ByName queues_;
  std::set<std::string> touched_;  // since `write`
};

}  // namespace daybook
