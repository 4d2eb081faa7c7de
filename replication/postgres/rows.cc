#include "replication/postgres/rows.h"

#include <cstdlib>
#include <string>
#include <utility>

namespace daybook::postgres {
namespace {

// libpq's texts have several lines; ours go into logs and states of one line.
std::string in_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_space = c == '\n' || c == '\t' || c == ' ';
    if (!is_space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::string_view field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string_view() : text;
}

}  // namespace

Rows::Rows(std::shared_ptr<const Answer> answer) : answer_(std::move(answer)) {}

std::size_t Rows::size() const {
  return static_cast<std::size_t>(PQntuples(answer_->result.get()));
}

std::optional<std::string_view> Rows::at(std::size_t row, std::size_t column) const {
  const PGresult* result = answer_->result.get();
  const int r = static_cast<int>(row);
  const int c = static_cast<int>(column);
  if (PQgetisnull(result, r, c) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result, r, c),
                          static_cast<std::size_t>(PQgetlength(result, r, c)));
}

std::size_t Rows::affected() const {
  return std::strtoull(PQcmdTuples(answer_->result.get()), nullptr, 10);
}

bool is_failure(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

SqlError error_of(const PGresult* result) {
  SqlError error{std::string(field(result, PG_DIAG_SQLSTATE)),
                 in_one_line(field(result, PG_DIAG_MESSAGE_PRIMARY))};
  // Without a state it is libpq that speaks.
  if (error.state.empty()) error.text = in_one_line(PQresultErrorMessage(result));
  for (const int part : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT, PG_DIAG_CONTEXT})
    if (const auto text = field(result, part); !text.empty())
      error.text += "; " + in_one_line(text);
  return error;
}

SqlError error_of(const PGconn* connection) {
  return {{}, in_one_line(PQerrorMessage(connection))};
}

}  // namespace daybook::postgres
