// A projection in PostgreSQL: beside the follower that posts to it there may be one that builds its
// next generation.
#pragma once

#include <mutex>
#include <vector>

#include "daemon/followers/projection.h"
#include "replication/postgres/projection_sink.h"

namespace daybook {

class PostgresProjection final : public Projection {
 public:
  struct Settings {
    ProjectionKind kind = ProjectionKind::postgres;
    bool is_configured = false;  // it is declared by the configuration, not by a client
    postgres::ProjectionSettings sink;
  };
  // `follows` is called on `thread` when it begins to post, for the first time or again.
  PostgresProjection(IoThread& thread, LogPort& log, Settings settings,
                     std::function<void()> follows);

  // Any thread.
  ProjectionInfo info() const override;
  bool is_configured() const { return is_configured_; }
  std::string definition() const;
  const std::shared_ptr<RunningFollower>& building() const { return build_; }

  // On its thread, here and below.
  void start() override;
  void stop() override;
  Awaitable<void> ended();
  void pause(bool paused) override;
  // Begins to build the next generation, if that is not being done. Nothing where it is stopped.
  void build();
  // Both begin anew. With another definition it goes on with the old one until that is built.
  void change_target(std::string target);
  void change_definition(std::string definition);

  // See ProjectionPort and replication/postgres/operator.h.
  using Ptr = std::shared_ptr<PostgresProjection>;
  static Awaitable<Result<ProjectionFailures>> failures(Ptr self, Offset after,
                                                        std::uint32_t limit);
  static Awaitable<Result<ProjectionRetried>> retry(Ptr self, std::vector<Offset> offsets);
  static Awaitable<Result<void>> drop(Ptr self);

 private:
  postgres::ProjectionSettings settings() const;
  void change(std::string postgres::ProjectionSettings::*setting, std::string value);
  std::unique_ptr<Sink> make_live_sink();
  std::unique_ptr<Sink> make_build_sink();

  const boost::asio::any_io_executor executor_;
  LogPort& log_;
  const ProjectionKind kind_;
  const bool is_configured_;
  const std::shared_ptr<postgres::ProjectionCounts> counts_;  // shared with its sinks
  const std::shared_ptr<RunningFollower> build_;
  bool is_stopped_ = true;
  mutable std::mutex mutex_;
  postgres::ProjectionSettings settings_;  // its thread alone changes them
};

}  // namespace daybook
