#include "replication/postgres/kept_projections.h"

#include "replication/postgres/connection.h"

namespace daybook::postgres {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout{10'000};

constexpr const char* kList =
    "SELECT live.name, coalesce(build.definition, live.definition), build.name IS NOT NULL"
    " FROM daybook.checkpoints live"
    " LEFT JOIN daybook.checkpoints build"
    "   ON build.name = live.name || '#build' AND build.log_id = live.log_id"
    " WHERE live.log_id = $1 AND right(live.name, 6) <> '#build'"
    " ORDER BY live.name";

}  // namespace

boost::asio::awaitable<Result<std::vector<KeptProjection>>> list_kept_projections(
    boost::asio::any_io_executor executor, std::string target, std::string log_id) {
  Connection connection(executor, std::move(target));
  const auto opened = co_await connection.open(kConnectTimeout);
  if (!opened) co_return to_error(opened.error());
  std::string sql = kList;
  std::vector<Parameter> parameters{std::move(log_id)};
  const auto rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return to_error(rows.error());
  std::vector<KeptProjection> kept;
  for (std::size_t i = 0; i < rows->size(); ++i)
    kept.push_back({.name = std::string(rows->at(i, 0).value_or("")),
                    .definition = std::string(rows->at(i, 1).value_or("")),
                    .is_building = rows->at(i, 2) == "t"});
  co_return kept;
}

}  // namespace daybook::postgres
