// Groups and their members behind the protocols. What is durable goes through the writer; who is
// alive is known here, under one short lock.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "daemon/backend/store_log.h"
#include "protocol/backend.h"
#include "storage/members.h"
#include "storage/store.h"

namespace daybook {

class StoreGroups final : public GroupPort, public MemberPort {
 public:
  // What else of the daemon has a say in groups.
  struct Others {
    // Why a group may not have these settings; nullopt: it may.
    std::function<std::optional<Error>(const GroupSettings&)> refusal;
    // Some group was put or deleted.
    std::function<void()> changed;
  };
  StoreGroups(Store& store, Writer& writer, ReadPool& readers, Dispatcher& dispatcher,
              Others others);

  Awaitable<Result<Put>> put(PutGroup put) override;
  Awaitable<Result<GroupInfo>> find(std::string group) override;
  std::optional<GroupMode> mode(const std::string& group) const override;
  std::vector<GroupInfo> list() const override;
  Awaitable<Result<void>> remove(std::string group) override;
  Awaitable<Result<Offset>> commit(CommitOffset commit) override;
  Awaitable<Result<Offset>> reset(ResetGroup reset) override;
  Awaitable<Result<GroupInfo>> pause(PauseGroup pause) override;

  Awaitable<Result<Joined>> join(std::string group, std::string member) override;
  Result<void> heartbeat(const std::string& group, const std::string& member) override;
  Result<void> leave(const std::string& group, const std::string& member) override;

 private:
  Awaitable<Result<Applied>> apply(Command command);
  Awaitable<GroupInfo> info(std::string name, GroupRow row);
  void describe_queue(GroupInfo& info) const;
  GroupInfo info_without_lag_seconds(const std::string& name, const GroupRow& row) const;
  Members& members_of(const std::string& group);

  Store& store_;
  Writer& writer_;
  ReadPool& readers_;
  Dispatcher& dispatcher_;
  const Others others_;
  const Members::Moment began_;
  mutable std::mutex mutex_;
  std::map<std::string, Members> members_;
};

}  // namespace daybook
