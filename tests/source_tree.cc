#include "tests/source_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>

namespace daybook::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFolders = {"storage", "protocol", "replication", "daemon", "tests",
                                 "bench",   "config",   "systemd",     "docs",   "cmake"};

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

SourceFile load(const fs::path& root, const fs::path& path) {
  SourceFile file{fs::relative(path, root).generic_string(), {}};
  if (!file.is_text()) return file;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) file.lines.push_back(std::move(line));
  return file;
}

std::vector<SourceFile> load_all() {
  const fs::path root = DAYBOOK_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (const auto& entry : fs::directory_iterator(root))
    if (entry.is_regular_file()) files.push_back(load(root, entry.path()));
  for (const char* folder : kFolders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string path = entry.path().generic_string();
      if (!entry.is_regular_file() || path.find("__pycache__") != std::string::npos) continue;
      files.push_back(load(root, entry.path()));
    }
  }
  return files;
}

// Blanks what is not code. Knows //, /* */, "…", '…' and R"tag(…)tag"; a ' between digits or
// letters separates digits.
class Blanker {
 public:
  std::string line(const std::string& text) {
    std::string out(text.size(), ' ');
    for (std::size_t i = 0; i < text.size();) i = step(text, i, out);
    if (state_ == State::text || state_ == State::character) state_ = State::code;
    return out;
  }

 private:
  enum class State { code, comment, text, character, raw };

  std::size_t step(const std::string& text, std::size_t i, std::string& out) {
    switch (state_) {
      case State::code: return code(text, i, out);
      case State::comment: return until(text, i, "*/");
      case State::raw: return until(text, i, raw_end_);
      case State::text: return quoted(text, i, '"');
      case State::character: return quoted(text, i, '\'');
    }
    return text.size();
  }

  std::size_t code(const std::string& text, std::size_t i, std::string& out) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("//")) return text.size();
    if (rest.starts_with("/*")) return enter(State::comment, i + 2);
    if (rest.starts_with("R\"")) {
      const auto open = rest.find('(');
      raw_end_ = ")" + std::string(rest.substr(2, open - 2)) + "\"";
      return enter(State::raw, i + open + 1);
    }
    if (rest[0] == '"') return enter(State::text, i + 1);
    const bool separates = i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1])) != 0;
    if (rest[0] == '\'' && !separates) return enter(State::character, i + 1);
    out[i] = text[i];
    return i + 1;
  }

  std::size_t until(const std::string& text, std::size_t i, const std::string& end) {
    const auto found = text.find(end, i);
    if (found == std::string::npos) return text.size();
    return enter(State::code, found + end.size());
  }

  std::size_t quoted(const std::string& text, std::size_t i, char quote) {
    if (text[i] == '\\') return i + 2;
    return text[i] == quote ? enter(State::code, i + 1) : i + 1;
  }

  std::size_t enter(State state, std::size_t next) {
    state_ = state;
    return next;
  }

  State state_ = State::code;
  std::string raw_end_;
};

// Whether the text between the last `;`, `{` or `}` and a `{` is the head of a function.
bool is_function_head(const std::string& head) {
  static constexpr std::array kOthers = {"namespace", "class", "struct", "enum", "union", "extern"};
  if (head.find('(') == std::string::npos) return false;
  const std::string text = trimmed(head);
  return std::none_of(kOthers.begin(), kOthers.end(), [&](std::string_view word) {
    return text.starts_with(word) && text.size() > word.size() &&
           std::isspace(static_cast<unsigned char>(text[word.size()])) != 0 &&
           text.find(')') == std::string::npos;
  });
}

// Walks the braces of a file and collects the outermost blocks that have a function's head.
class CppFunctions {
 public:
  explicit CppFunctions(const SourceFile& file) : file_(file) {
    const auto lines = without_comments_and_literals(file.lines);
    for (line_ = 0; line_ < lines.size(); ++line_) {
      if (lines[line_].starts_with("#")) continue;
      for (const char c : lines[line_]) take(c);
      head_ += ' ';
    }
  }
  std::vector<Function> found;

 private:
  void take(char c) {
    if (c == '{') return open();
    if (c == '}') return close();
    if (c == ';' && !inside_) return head_.clear();
    if (trimmed(head_).empty() && std::isspace(static_cast<unsigned char>(c)) == 0) start_ = line_;
    head_ += c;
  }

  void open() {
    ++depth_;
    if (!inside_ && is_function_head(head_)) {
      inside_ = depth_;
      first_ = start_;
    }
    head_.clear();
  }

  void close() {
    if (inside_ == depth_) {
      found.push_back({first_ + 1, line_ - first_ + 1, trimmed(file_.lines[first_])});
      inside_.reset();
    }
    --depth_;
    head_.clear();
  }

  const SourceFile& file_;
  std::string head_;
  std::size_t line_ = 0;
  std::size_t start_ = 0;
  std::size_t first_ = 0;
  int depth_ = 0;
  std::optional<int> inside_;
};

std::vector<Function> python_functions(const std::vector<std::string>& lines) {
  std::vector<Function> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto indent = lines[i].find_first_not_of(' ');
    if (indent == std::string::npos || lines[i].compare(indent, 4, "def ") != 0) continue;
    std::size_t last = i;
    for (std::size_t j = i + 1; j < lines.size(); ++j) {
      const auto column = lines[j].find_first_not_of(' ');
      if (column == std::string::npos) continue;
      if (column <= indent && lines[j][column] != ')') break;
      last = j;
    }
    found.push_back({i + 1, last - i + 1, trimmed(lines[i])});
  }
  return found;
}

}  // namespace

std::string SourceFile::folder() const {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string SourceFile::name() const {
  return path.substr(path.rfind('/') + 1);
}

bool SourceFile::is_cpp() const {
  return ends_with_any(path, {".h", ".cc"});
}

bool SourceFile::is_python() const {
  return path.ends_with(".py");
}

bool SourceFile::is_text() const {
  static constexpr std::array kNames = {"dev", "run", "demo", "LICENSE"};
  if (is_cpp() || is_python()) return true;
  if (ends_with_any(path, {".md", ".txt", ".cmake", ".toml", ".service", ".sh"})) return true;
  return std::find(kNames.begin(), kNames.end(), name()) != kNames.end();
}

std::vector<Include> SourceFile::includes() const {
  std::vector<Include> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string line = trimmed(lines[i]);
    if (!line.starts_with("#include ")) continue;
    const auto open = line.find_first_of("\"<");
    const auto close = line.find_first_of("\">", open + 1);
    if (open == std::string::npos || close == std::string::npos) continue;
    found.push_back({line.substr(open + 1, close - open - 1), i + 1, line[open] == '"'});
  }
  return found;
}

std::vector<Function> SourceFile::functions() const {
  if (is_python()) return python_functions(lines);
  return is_cpp() ? CppFunctions(*this).found : std::vector<Function>{};
}

const std::vector<SourceFile>& source_files() {
  static const std::vector<SourceFile> files = load_all();
  return files;
}

std::vector<std::string> without_comments_and_literals(const std::vector<std::string>& lines) {
  Blanker blanker;
  std::vector<std::string> out;
  out.reserve(lines.size());
  for (const std::string& line : lines) out.push_back(blanker.line(line));
  return out;
}

}  // namespace daybook::tidy
