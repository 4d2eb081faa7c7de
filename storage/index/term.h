// Terms: what the index can be asked for. A term's bytes are the middle of its index keys.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace daybook {

enum class TermKind : char {
  aggregate = 'a',  // aggregate_id, aggregate_type: so that the id alone is a prefix
  listed = 'l',     // aggregate_type, aggregate_id: each aggregate once, sorted for lists
  event_type = 'e',
  aggregate_type = 't',
  tag = 'g',
  correlation = 'r',
  causation = 'u',
};

// Names hold no control characters, so a zero byte can end them.
inline void append_term(std::string& out, TermKind kind, std::string_view name) {
  out.push_back(static_cast<char>(kind));
  out.append(name).push_back('\0');
}

inline std::string term(TermKind kind, std::string_view name) {
  std::string out;
  append_term(out, kind, name);
  return out;
}

inline std::string term(TermKind kind, std::string_view first, std::string_view second) {
  std::string out = term(kind, first);
  out.append(second).push_back('\0');
  return out;
}

inline std::string aggregate_term(std::string_view type, std::string_view id) {
  return term(TermKind::aggregate, id, type);
}

// Where an id is known under: the id space, then the id.
inline std::string id_term(std::string_view id_space, std::string_view id) {
  std::string out(id_space);
  out.push_back('\0');
  out.append(id);
  return out;
}

// The two names of a term of two.
inline std::pair<std::string_view, std::string_view> names_of(std::string_view term) {
  const std::size_t end = term.find('\0', 1);
  return {term.substr(1, end - 1), term.substr(end + 1, term.size() - end - 2)};
}

}  // namespace daybook
