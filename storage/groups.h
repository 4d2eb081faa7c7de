// Where each group and replay has got to, and what changes that. The writer decides; readers see
// what is committed. A replay is there under its `replay_name`.
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
#include "storage/queues.h"

namespace daybook {

// What a commit made of a group; neither: it was deleted.
struct GroupChange {
  std::string group;
  std::optional<GroupRow> row;
  std::optional<QueueView> queue;
};

class Groups {
 public:
  // A queue for each row in queue mode.
  explicit Groups(const std::map<std::string, GroupRow>& rows, Queues::ByName queues = {});

  // The writer. Each decides against what is written so far, and changes it only where it
  // succeeds; `written` is the head before the command.
  struct Changed {
    GroupRow row;
    bool is_new = false;  // the group was created
    bool differs = true;  // false: the row needs not be written
  };
  Result<Changed> put(const PutGroup& put, Offset start);
  Result<Changed> commit(const CommitOffset& commit, Offset written);
  Result<Changed> reset(const ResetGroup& reset, Offset start);
  Result<Changed> take(const TakeGroup& take);
  Result<Changed> pause(const PauseGroup& pause);
  // The events after `after` up to `upto`; none where that is lower.
  Result<Changed> create(const CreateReplay& create, Offset after, Offset upto);
  Result<Changed> cancel(const CancelReplay& cancel);
  Result<void> remove(const std::string& group);
  // What `commit` would answer, changing nothing.
  Result<void> check(const CommitOffset& commit, Offset written) const;
  // Whether the queue would take all of it, changing nothing.
  Result<void> check(const AckWithAppend& ack) const;
  // To take a turn or an ack; what that does is written with the commit.
  Result<Queue*> queue(const std::string& group);

  // The writer, at the end of a commit: adds the rows of queues that changed to it. Gives all that
  // changed since it was last asked, to be published once it is on disk.
  std::vector<GroupChange> take_changes(Commit& rows);
  void publish(std::vector<GroupChange> changes);

  // Any thread.
  std::optional<GroupRow> find(const std::string& group) const;
  std::optional<QueueView> queue_view(const std::string& group) const;
  std::map<std::string, GroupRow> all() const;

 private:
  struct Published {
    GroupRow row;
    std::optional<QueueView> queue;
  };
  Result<GroupRow*> written_row(const std::string& group);
  // `wrong_mode` in log mode, or `unknown_group`.
  Error no_queue(const std::string& group) const;
  Changed add(const std::string& group, GroupRow row);

  std::map<std::string, GroupRow> written_;  // `committed` of a queue: as of the last commit
  Queues queues_;
  std::set<std::string> touched_;  // rows changed since `take_changes`
  mutable std::mutex mutex_;
  std::map<std::string, Published> published_;
};

}  // namespace daybook
