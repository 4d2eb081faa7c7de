// The list, in the order of `daybook --help`.
#include "daemon/ctl/commands.h"

namespace daybook::ctl {
namespace {

constexpr AddCommand kCommands[] = {
    add_append, add_read,       add_tail, add_aggregate, add_group,  add_dead_letters,
    add_replay, add_projection, add_work, add_status,    add_verify,
};

}  // namespace

std::span<const AddCommand> commands() {
  return kCommands;
}

}  // namespace daybook::ctl
