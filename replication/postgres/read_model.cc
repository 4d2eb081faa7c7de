// See read_model.h.
#include "replication/postgres/read_model.h"

#include <algorithm>

#include "protocol/json/read_projection.h"
#include "protocol/json/write_event.h"
#include "replication/postgres/read_model_relations.h"
#include "replication/postgres/read_model_values.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

// A rule, and its prepared statement.
struct Prepared {
  const ReadModelRule& rule;
  std::string statement;
  RuleValues values;

  bool takes(const EventView& event) const {
    return std::ranges::any_of(rule.event_types, [&](const std::string& pattern) {
      return type_matches(pattern, event.event_type);
    });
  }
};

class ReadModelTables final : public TableSet {
 public:
  explicit ReadModelTables(ReadModel model) : model_(std::move(model)) {
    for (const ReadModelRule& rule : model_.rules)
      rules_.push_back({rule, "rule_" + std::to_string(rules_.size()),
                        RuleValues(rule_statement(model_, rule, 1).slots)});
  }

  Filter filter() const override {
    Filter filter{.aggregate_type = model_.aggregate_type};
    for (const ReadModelRule& rule : model_.rules)
      for (const std::string& type : rule.event_types)
        if (std::ranges::find(filter.event_types, type) == filter.event_types.end())
          filter.event_types.push_back(type);
    return filter;
  }

  awaitable<SqlResult<bool>> exists(Connection& connection, Generation generation) override {
    return has_table(connection, model_, generation);
  }
  // The key's index is what rows are found by while a build fills the table: nothing is left out.
  awaitable<SqlResult<void>> create(Connection& connection, Generation generation, bool) override {
    return create_table(connection, model_, generation);
  }
  awaitable<SqlResult<void>> complete(Connection&, Generation) override {
    co_return SqlResult<void>();
  }
  awaitable<SqlResult<void>> show(Connection& connection, Generation generation) override {
    return show_table(connection, model_, generation);
  }
  awaitable<SqlResult<void>> drop(Connection& connection, Generation generation) override {
    return drop_table(connection, model_, generation);
  }

  awaitable<SqlResult<void>> begin_session(Connection& connection, Generation generation) override {
    for (const Prepared& rule : rules_) {
      std::string name = rule.statement;
      std::string sql = rule_statement(model_, rule.rule, generation).sql;
      const auto prepared = co_await connection.prepare(std::move(name), std::move(sql));
      if (!prepared) co_return prepared.error();
    }
    co_return SqlResult<void>();
  }

  std::string refusal(const EventView& event) const override {
    std::vector<Execution> executions;
    return append_executions(event, executions);
  }

  awaitable<SqlResult<void>> write(Connection& connection, Generation, Batch batch) override {
    std::vector<Execution> executions;
    for (const EventView& event : batch.events) append_executions(event, executions);
    if (executions.empty()) co_return SqlResult<void>();  // all were refused
    const std::span<const Execution> all(executions);
    co_return co_await connection.execute_all(all);
  }

 private:
  // Of every rule that takes the event, in order. Gives why one of them could not be done.
  std::string append_executions(const EventView& event, std::vector<Execution>& executions) const {
    std::string text;
    json::append_event(text, event);
    for (const Prepared& rule : rules_) {
      if (!rule.takes(event)) continue;
      Execution& execution = executions.emplace_back(Execution{rule.statement, {}});
      if (auto refusal = rule.values.fill(text, execution.parameters); !refusal.empty())
        return refusal;
    }
    return "";
  }

  const ReadModel model_;
  std::vector<Prepared> rules_;
};

}  // namespace

Result<std::unique_ptr<TableSet>> make_read_model(const std::string& definition) {
  auto model = json::read_projection(definition);
  if (!model) return model.error();
  return std::make_unique<ReadModelTables>(std::move(*model));
}

}  // namespace daybook::postgres
