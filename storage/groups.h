// Where each group has got to, and what changes that. The writer decides; readers see what is
// committed.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/base/result.h"
#include "storage/model/command.h"
#include "storage/model/group.h"

namespace daybook {

// What a group became; nullopt: it was deleted.
struct GroupChange {
  std::string group;
  std::optional<GroupRow> row;
};

class Groups {
 public:
  explicit Groups(const std::map<std::string, GroupRow>& rows) : written_(rows), committed_(rows) {}

  // The writer. Each decides against what is written so far, and changes it only where it
  // succeeds; `written` is the head before the command.
  struct Changed {
    GroupRow row;
    bool is_new = false;  // the group was created
    bool differs = true;  // false: nothing to write
  };
  Result<Changed> put(const PutGroup& put, Offset start);
  Result<Changed> commit(const CommitOffset& commit, Offset written);
  Result<Changed> reset(const ResetGroup& reset, Offset start);
  Result<Changed> take(const TakeGroup& take);
  Result<void> remove(const std::string& group);
  // What `commit` would answer, changing nothing.
  Result<void> check(const CommitOffset& commit, Offset written) const;

  // The writer. What changed since it was last asked, to be published once it is on disk.
  std::vector<GroupChange> take_changes();
  void publish(std::vector<GroupChange> changes);

  // Any thread.
  std::optional<GroupRow> find(const std::string& group) const;
  std::map<std::string, GroupRow> all() const;

 private:
  Result<GroupRow*> written_row(const std::string& group);
  std::map<std::string, GroupRow> written_;
  std::set<std::string> touched_;  // changed since `take_changes`
  mutable std::mutex mutex_;
  std::map<std::string, GroupRow> committed_;
};

}  // namespace daybook
