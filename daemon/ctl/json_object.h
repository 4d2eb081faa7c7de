// Writes the text of one JSON object, member by member.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace daybook::ctl {

class JsonObject {
 public:
  void add(std::string_view name, std::string_view json);
  // Nothing is added for an empty value, here and below.
  void add_text(std::string_view name, const std::string& text);
  void add_texts(std::string_view name, const std::vector<std::string>& texts);
  // Digits as a number, anything else as a string.
  void add_number_or_text(std::string_view name, const std::string& text);
  // Whether `json` was one value.
  bool add_json(std::string_view name, const std::string& json);
  std::string finish();

 private:
  std::string text_;
};

}  // namespace daybook::ctl
