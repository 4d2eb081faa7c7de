// Names and values with what stands between them.
#include "daemon/ctl/json_object.h"

#include "daemon/ctl/raw_json.h"

namespace daybook::ctl {

void JsonObject::add(std::string_view name, std::string_view json) {
  text_ += text_.empty() ? '{' : ',';
  ((text_ += to_json(name)) += ':') += json;
}

void JsonObject::add_text(std::string_view name, const std::string& text) {
  if (!text.empty()) add(name, to_json(text));
}

void JsonObject::add_texts(std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  std::string array = "[";
  for (const std::string& text : texts) {
    if (array.size() > 1) array += ',';
    array += to_json(text);
  }
  add(name, array + ']');
}

void JsonObject::add_number_or_text(std::string_view name, const std::string& text) {
  if (text.empty()) return;
  const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
  add(name, is_number ? text : to_json(text));
}

bool JsonObject::add_json(std::string_view name, const std::string& json) {
  if (json.empty()) return true;
  if (!is_one_value(json)) return false;
  add(name, json);
  return true;
}

std::string JsonObject::finish() {
  return text_.empty() ? "{}" : std::move(text_) + '}';
}

}  // namespace daybook::ctl
