#include "storage/model/projection.h"

namespace daybook {

std::string_view name(ProjectionKind kind) {
  switch (kind) {
    case ProjectionKind::postgres: return "postgres";
    case ProjectionKind::read_model: return "read_model";
    case ProjectionKind::redis: return "redis";
  }
  return "postgres";
}

}  // namespace daybook
