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
      append_member(out, R"({"kind":"sequence","aggregate_type":)", conflict.aggregate_type);
      append_member(out, R"(,"aggregate_id":)", conflict.aggregate_id);
      out += R"(,"expected":)";
      out += conflict.expected;
      append_member(out, R"(,"actual":)", conflict.actual);
      break;
    case Conflict::Kind::match:
      append_member(out, R"({"kind":"match","condition":)", conflict.condition);
      append_member(out, R"(,"conflict_offset":)", conflict.offset);
      break;
    case Conflict::Kind::known_id:
      append_member(out, R"({"kind":"known_id","event":)", conflict.condition);
      append_member(out, R"(,"id":)", conflict.id);
      append_member(out, R"(,"conflict_offset":)", conflict.offset);
      break;
  }
  out += '}';
}

void append_extras(std::string& out, const Error& error) {
  if (!error.pointer.empty()) append_member(out, R"(,"pointer":)", error.pointer);
  if (!error.conflicts.empty()) {
    out += R"(,"conflicts":[)";
    for (const Conflict& conflict : error.conflicts) {
      append_conflict(out, conflict);
      out += ',';
    }
    out.back() = ']';
  }
  if (error.first_offset) append_member(out, R"(,"first_offset":)", *error.first_offset);
}

}  // namespace

void append_problem(std::string& out, const Error& error, unsigned status) {
  std::string urn = "urn:daybook:error:" + std::string(name(error.code));
  std::ranges::replace(urn, '_', '-');
  append_member(out, R"({"type":)", urn);
  append_member(out, R"(,"title":)", title(name(error.code)));
  append_member(out, R"(,"status":)", status);
  append_member(out, R"(,"detail":)", error.detail);
  append_member(out, R"(,"code":)", name(error.code));
  append_extras(out, error);
  out += '}';
}

void append_error_members(std::string& out, const Error& error) {
  append_member(out, R"("code":)", name(error.code));
  append_member(out, R"(,"detail":)", error.detail);
  append_extras(out, error);
}

}  // namespace daybook::json
