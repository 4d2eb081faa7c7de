#include "tests/replication/postgres/thing_tables.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

constexpr const char* kHead = "upsert_head";

std::string copy_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class ThingTables final : public TableSet {
 public:
  ThingTables(char version, std::shared_ptr<ThingHooks> hooks)
      : version_(version), hooks_(std::move(hooks)) {}

  Filter filter() const override { return hooks_->filter; }

  awaitable<SqlResult<bool>> exists(Connection& connection, Generation generation) override {
    std::string sql = "SELECT to_regclass('public.things_g" + std::to_string(generation) + "')";
    std::vector<Parameter> none;
    const SqlResult<Rows> rows = co_await connection.execute(std::move(sql), std::move(none));
    if (!rows) co_return rows.error();
    co_return rows->at(0, 0).has_value();
  }

  awaitable<SqlResult<void>> create(Connection& connection, Generation generation,
                                    bool bare) override {
    const std::string g = std::to_string(generation);
    std::string sql = "CREATE TABLE public.things_g" + g +
                      " (log_offset bigint NOT NULL, id text, payload jsonb" +
                      (version_ > '1' ? ", note text DEFAULT 'new'" : "") +
                      "); CREATE TABLE public.heads_g" + g +
                      " (aggregate_id text PRIMARY KEY, head bigint)";
    if (!bare) sql += ";" + index_sql(g);
    return connection.run(std::move(sql));
  }

  awaitable<SqlResult<void>> begin_session(Connection& connection, Generation generation) override {
    std::string name = kHead;
    std::string sql = "INSERT INTO public.heads_g" + std::to_string(generation) +
                      " AS h VALUES ($1, $2::bigint) ON CONFLICT (aggregate_id) "
                      "DO UPDATE SET head = greatest(h.head, excluded.head)";
    return connection.prepare(std::move(name), std::move(sql));
  }

  std::string refusal(const EventView& event) const override {
    return event.payload.find("\\u0000") == std::string_view::npos ? "" : "it holds \\u0000";
  }

  awaitable<SqlResult<void>> write(Connection& connection, Generation generation,
                                   Batch batch) override {
    const SqlResult<void> copied = co_await copy(connection, generation, batch.events);
    if (!copied) co_return copied.error();
    at("after the copy");
    std::vector<Execution> heads;
    for (const auto& events : {batch.events, batch.refused})
      for (const EventView& event : events) {
        std::vector<Parameter> parameters{std::string(event.aggregate_id),
                                          std::to_string(event.sequence.value)};
        heads.push_back({kHead, std::move(parameters)});
      }
    const std::span<const Execution> all(heads);
    co_return co_await connection.execute_all(all);
  }

  awaitable<SqlResult<void>> complete(Connection& connection, Generation generation) override {
    return connection.run(index_sql(std::to_string(generation)));
  }

  awaitable<SqlResult<void>> show(Connection& connection, Generation generation) override {
    const std::string g = std::to_string(generation);
    return connection.run("CREATE OR REPLACE VIEW public.things AS SELECT * FROM public.things_g" +
                          g + "; CREATE OR REPLACE VIEW public.heads AS SELECT * FROM heads_g" + g);
  }

  awaitable<SqlResult<void>> drop(Connection& connection, Generation generation) override {
    const std::string g = std::to_string(generation);
    return connection.run("DROP TABLE IF EXISTS public.things_g" + g + ", public.heads_g" + g +
                          " CASCADE");
  }

 private:
  static std::string index_sql(const std::string& generation) {
    return "CREATE UNIQUE INDEX IF NOT EXISTS things_g" + generation + "_key ON public.things_g" +
           generation + " (log_offset)";
  }

  awaitable<SqlResult<void>> copy(Connection& connection, Generation generation,
                                  std::span<const EventView> events) {
    at("before the copy");
    std::string sql = "COPY public.things_g" + std::to_string(generation) +
                      " (log_offset, id, payload) FROM STDIN";
    const SqlResult<void> begun = co_await connection.begin_copy(std::move(sql));
    if (!begun) co_return begun.error();
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i == events.size() / 2) at("in the copy");
      const std::string line = std::to_string(events[i].offset.value) + '\t' +
                               copy_text(events[i].id.to_string()) + '\t' +
                               copy_text(events[i].payload) + '\n';
      const SqlResult<void> put = co_await connection.put_copy(line);
      if (!put) co_return put.error();
    }
    co_return co_await connection.end_copy();
  }

  void at(const std::string& step) {
    if (hooks_->at) hooks_->at(step);
  }

  const char version_;
  const std::shared_ptr<ThingHooks> hooks_;
};

}  // namespace

MakeTables make_things(std::shared_ptr<ThingHooks> hooks) {
  return [hooks](const std::string& definition) -> Result<std::unique_ptr<TableSet>> {
    if (definition.size() != 8 || !definition.starts_with("things "))
      return Error{Errc::bad_value, "the definition \"" + definition + "\" cannot be read"};
    return std::unique_ptr<TableSet>(std::make_unique<ThingTables>(definition.back(), hooks));
  };
}

}  // namespace daybook::postgres
