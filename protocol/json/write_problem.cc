// See write_problem.h.
#include "protocol/json/write_problem.h"

#include <algorithm>

#include "protocol/json/escape.h"

namespace daybook::json {
namespace {

// "sequence_conflict" → "Sequence conflict".
std::string title(std::string_view code) {
  std::string out(code);
  std::ranges::replace(out, '_', ' ');
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

void append_conflict(std::string& out, const Conflict& conflict) {
  switch (conflict.kind) {
    case Conflict::Kind::sequence:
      out += R"({"kind":"sequence","aggregate_type":)";
      append_string(out, conflict.aggregate_type);
      out += R"(,"aggregate_id":)";
      append_string(out, conflict.aggregate_id);
      out += R"(,"expected":)";
      out += conflict.expected;
      out += R"(,"actual":)";
      append_unsigned(out, conflict.actual);
      break;
    case Conflict::Kind::match:
      out += R"({"kind":"match","condition":)";
      append_unsigned(out, conflict.condition);
      out += R"(,"conflict_offset":)";
      append_unsigned(out, conflict.offset);
      break;
    case Conflict::Kind::known_id:
      out += R"({"kind":"known_id","event":)";
      append_unsigned(out, conflict.condition);
      out += R"(,"id":)";
      append_string(out, conflict.id);
      out += R"(,"conflict_offset":)";
      append_unsigned(out, conflict.offset);
      break;
  }
  out += '}';
}

void append_extras(std::string& out, const Error& error) {
  if (!error.pointer.empty()) {
    out += R"(,"pointer":)";
    append_string(out, error.pointer);
  }
  if (!error.conflicts.empty()) {
    out += R"(,"conflicts":[)";
    for (const Conflict& conflict : error.conflicts) {
      append_conflict(out, conflict);
      out += ',';
    }
    out.back() = ']';
  }
  if (error.first_offset) {
    out += R"(,"first_offset":)";
    append_unsigned(out, *error.first_offset);
  }
}

}  // namespace

void append_problem(std::string& out, const Error& error, unsigned status) {
  std::string urn = "urn:daybook:error:" + std::string(name(error.code));
  std::ranges::replace(urn, '_', '-');
  out += R"({"type":)";
  append_string(out, urn);
  out += R"(,"title":)";
  append_string(out, title(name(error.code)));
  out += R"(,"status":)";
  append_unsigned(out, status);
  out += R"(,"detail":)";
  append_string(out, error.detail);
  out += R"(,"code":)";
  append_string(out, name(error.code));
  append_extras(out, error);
  out += '}';
}

void append_error_members(std::string& out, const Error& error) {
  out += R"("code":)";
  append_string(out, name(error.code));
  out += R"(,"detail":)";
  append_string(out, error.detail);
  append_extras(out, error);
}

}  // namespace daybook::json
