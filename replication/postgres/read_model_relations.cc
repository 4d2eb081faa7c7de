// See read_model_relations.h.
#include "replication/postgres/read_model_relations.h"

namespace daybook::postgres {
namespace {

using boost::asio::awaitable;

// $1: schema, $2: name, $3: our mark. No row: there is no such relation.
constexpr std::string_view kIsOurs =
    "SELECT EXISTS (SELECT FROM pg_description m"
    " WHERE m.classoid = 'pg_class'::regclass AND m.objsubid = 0 AND m.description = $3"
    " AND (m.objoid = c.oid OR m.objoid IN"
    " (SELECT d.refobjid FROM pg_rewrite r JOIN pg_depend d"
    " ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid"
    " AND d.refclassid = 'pg_class'::regclass WHERE r.ev_class = c.oid)))"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2";

// $1: the view, $2: the table.
constexpr std::string_view kShows =
    "SELECT FROM pg_rewrite r JOIN pg_depend d"
    " ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid"
    " WHERE r.ev_class = to_regclass($1) AND d.refobjid = to_regclass($2)"
    " AND d.refclassid = 'pg_class'::regclass LIMIT 1";

// $1: the view, $2: the table that it will show: rights on columns which that has not are gone.
constexpr std::string_view kGrants =
    "SELECT string_agg(format('GRANT %s%s ON %s TO %s%s', e.privilege_type, p.columns, $1::text,"
    " CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END,"
    " CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END), ';')"
    " FROM pg_class c"
    " CROSS JOIN LATERAL (SELECT '' AS columns, c.relacl AS acl UNION ALL"
    " SELECT format('(%I)', a.attname), a.attacl FROM pg_attribute a"
    " JOIN pg_attribute b ON b.attname = a.attname AND NOT b.attisdropped"
    " AND b.attrelid = $2::text::regclass WHERE a.attrelid = c.oid) p"
    " CROSS JOIN LATERAL aclexplode(p.acl) e"
    " WHERE c.oid = $1::text::regclass AND e.grantee <> c.relowner";

enum class Whose : std::uint8_t { nobodys, ours, somebodys };

awaitable<SqlResult<Whose>> whose(Connection& connection, const ReadModelNames& names,
                                  std::string relation) {
  std::string sql(kIsOurs);
  std::vector<Parameter> parameters{names.schema, std::move(relation), names.mark};
  const auto rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  if (rows->size() == 0) co_return Whose::nobodys;
  co_return rows->at(0, 0) == "t" ? Whose::ours : Whose::somebodys;
}

SqlError not_ours(const ReadModelNames& names, const std::string& relation) {
  return {"42P07", names.schema + '.' + relation +
                       " is there already and is not kept by this projection: rename it, or "
                       "declare another table"};
}

// Only where it is missing: CREATE SCHEMA IF NOT EXISTS wants a right that is not needed then.
awaitable<SqlResult<void>> create_schema(Connection& connection, const ReadModelNames& names) {
  const std::string schema = quoted_identifier(names.schema);
  std::string sql = "SELECT to_regnamespace($1)";
  std::vector<Parameter> parameters{schema};
  const auto rows = co_await connection.execute(std::move(sql), std::move(parameters));
  if (!rows) co_return rows.error();
  if (rows->at(0, 0)) co_return SqlResult<void>();
  std::string create = "CREATE SCHEMA " + schema;
  co_return co_await connection.run(std::move(create));
}

// Makes the view anew, with the rights that everybody had on it.
awaitable<SqlResult<void>> recreate_view(Connection& connection, const ReadModel& model,
                                         Generation generation) {
  const ReadModelNames names(model);
  std::string grants(kGrants);
  std::vector<Parameter> parameters{names.view(), names.table_of(generation)};
  const auto rows = co_await connection.execute(std::move(grants), std::move(parameters));
  if (!rows) co_return rows.error();
  const std::string granted(rows->at(0, 0).value_or(""));
  std::string drop = "DROP VIEW " + names.view();
  if (const auto dropped = co_await connection.run(std::move(drop)); !dropped)
    co_return SqlError{dropped.error().state,
                       "the columns of " + names.view() +
                           " change in a way that takes a new view: " + dropped.error().text};
  std::string create = create_view_sql(model, generation) + ';' + granted;
  co_return co_await connection.run(std::move(create));
}

}  // namespace

awaitable<SqlResult<bool>> has_table(Connection& connection, const ReadModel& model,
                                     Generation generation) {
  const ReadModelNames names(model);
  std::string table = names.table + "_g" + std::to_string(generation);
  const auto found = co_await whose(connection, names, std::move(table));
  if (!found) co_return found.error();
  co_return *found == Whose::ours;
}

awaitable<SqlResult<void>> create_table(Connection& connection, const ReadModel& model,
                                        Generation generation) {
  const ReadModelNames names(model);
  const auto found = co_await whose(connection, names, names.table);
  if (!found) co_return found.error();
  if (*found == Whose::somebodys) co_return not_ours(names, names.table);
  if (const auto made = co_await create_schema(connection, names); !made) co_return made.error();
  std::string create = create_table_sql(model, generation);
  co_return co_await connection.run(std::move(create));
}

awaitable<SqlResult<void>> show_table(Connection& connection, const ReadModel& model,
                                      Generation generation) {
  const ReadModelNames names(model);
  const auto found = co_await whose(connection, names, names.table);
  if (!found) co_return found.error();
  if (*found == Whose::somebodys) co_return not_ours(names, names.table);

  std::string replace = "SAVEPOINT show;" + create_view_sql(model, generation);
  const auto replaced = co_await connection.run(std::move(replace));
  constexpr std::string_view kColumnsDiffer = "42P16";
  if (replaced || !replaced.error().is(kColumnsDiffer)) co_return replaced;
  std::string undo = "ROLLBACK TO SAVEPOINT show";
  if (const auto undone = co_await connection.run(std::move(undo)); !undone)
    co_return undone.error();
  co_return co_await recreate_view(connection, model, generation);
}

awaitable<SqlResult<void>> drop_table(Connection& connection, const ReadModel& model,
                                      Generation generation) {
  const auto found = co_await has_table(connection, model, generation);
  if (!found) co_return found.error();
  if (!*found) co_return SqlResult<void>();

  const ReadModelNames names(model);
  std::string shows(kShows);
  std::vector<Parameter> parameters{names.view(), names.table_of(generation)};
  const auto shown = co_await connection.execute(std::move(shows), std::move(parameters));
  if (!shown) co_return shown.error();
  std::string drop = "DROP TABLE " + names.table_of(generation);
  if (shown->size() > 0) drop = "DROP VIEW " + names.view() + ';' + drop;
  co_return co_await connection.run(std::move(drop));
}

}  // namespace daybook::postgres
