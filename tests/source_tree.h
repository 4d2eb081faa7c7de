// The repository's own text, as the tidy tests see it: files, their lines, includes and functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::tidy {

struct Include {
  std::string path;
  std::size_t line = 0;
  bool quoted = false;  // "…" rather than <…>
};

struct Function {
  std::size_t line = 0;    // of its first line, from 1
  std::size_t length = 0;  // lines, signature and braces included
  std::string signature;   // its first line, trimmed
};

struct SourceFile {
  std::string path;  // relative to the repository: "storage/base/ids.h"
  std::vector<std::string> lines;

  std::string folder() const;
  std::string name() const;
  bool is_cpp() const;
  bool is_python() const;
  bool is_text() const;  // anything a person writes: C++, Python, CMake, Markdown, shell, TOML
  std::vector<Include> includes() const;
  std::vector<Function> functions() const;  // C++ and Python only; lambdas count with their owner
};

// Every file under the repository's own folders, generated and hidden ones aside.
const std::vector<SourceFile>& source_files();

// Replaces comments, string and character literals by blanks, line by line.
std::vector<std::string> without_comments_and_literals(const std::vector<std::string>& lines);

}  // namespace daybook::tidy
