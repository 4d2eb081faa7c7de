# Writes OUTPUT, a C++ source whose `openapi_text()` is the text of INPUT. A string literal of ours
# may not exceed what compilers take in one piece, so it is cut into pieces at line ends.
file(READ ${INPUT} text)
string(LENGTH "${text}" length)
set(pieces "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND pieces "\n    R\"~~~(${piece})~~~\"")
  math(EXPR at "${at} + 8000")
endwhile()
file(WRITE ${OUTPUT} "// Made from openapi.json while building.
#include \"protocol/http/openapi.h\"

namespace daybook::http {

std::string_view openapi_text() {
  static constexpr std::string_view kText =${pieces};
  return kText;
}

}  // namespace daybook::http
")
