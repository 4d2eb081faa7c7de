// See partitions.h.
#include "replication/postgres/partitions.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

std::string spelt(Month month, char between) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d%c%02u", month.year, between, month.month);
  return text;
}

std::string partition_of(const std::string& table, Month month) {
  return table + '_' + spelt(month, '_');
}

std::string first_moment(Month month) {
  return '\'' + spelt(month, '-') + "-01 00:00:00+00'";
}

// Made beside and attached: PARTITION OF would wait for every query of the table, and hold up those
// that come after it.
std::string make_partition(const std::string& table, Month month) {
  const std::string partition = partition_of(table, month);
  return "CREATE TABLE " + partition + " (LIKE " + table +
         " INCLUDING STORAGE INCLUDING COMPRESSION);"
         "ALTER TABLE " +
         table + " ATTACH PARTITION " + partition + " FOR VALUES FROM (" + first_moment(month) +
         ") TO (" + first_moment(month_after(month)) + ");";
}

// With their schema.
awaitable<SqlResult<std::set<std::string>>> partitions_of(Connection& connection,
                                                          std::string table) {
  std::string sql =
      "SELECT format('%s.%s', relnamespace::regnamespace, relname) FROM pg_inherits "
      "JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = $1::regclass";
  std::vector<Parameter> parameters{std::move(table)};
  const auto rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  std::set<std::string> names;
  for (std::size_t row = 0; row < rows->size(); ++row) names.emplace(rows->at(row, 0).value());
  co_return names;
}

}  // namespace

Month month_of(Timestamp time) {
  const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(time.micros)};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month())};
}

Month month_after(Month month) {
  return month.month == 12 ? Month{month.year + 1, 1} : Month{month.year, month.month + 1};
}

std::vector<Month> months_of(std::span<const EventView> events) {
  std::vector<Month> months;
  for (const EventView& event : events)
    if (const Month month = month_of(event.recorded_at); months.empty() || months.back() != month)
      months.push_back(month);
  if (months.empty()) return months;
  for (int ahead = 0; ahead < 2; ++ahead) months.push_back(month_after(months.back()));
  return months;
}

awaitable<SqlResult<void>> make_partitions(Connection& connection, std::string table,
                                           std::vector<Month> months) {
  const auto there = co_await partitions_of(connection, table);
  if (!there) co_return there.error();
  std::string sql;
  for (const Month month : months)
    if (!there->contains(partition_of(table, month))) sql += make_partition(table, month);
  if (sql.empty()) co_return SqlResult<void>{};
  co_return co_await connection.run(std::move(sql));
}

}  // namespace daybook::postgres
