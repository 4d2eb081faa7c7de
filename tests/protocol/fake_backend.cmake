# The fake backend, for every test executable that needs one: include(fake_backend.cmake) and link.
include_guard(GLOBAL)

daybook_library(daybook_fake_backend
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/fake_backend.cc ${CMAKE_CURRENT_LIST_DIR}/fake_log.cc
          ${CMAKE_CURRENT_LIST_DIR}/fake_projections.cc ${CMAKE_CURRENT_LIST_DIR}/fake_queues.cc
          ${CMAKE_CURRENT_LIST_DIR}/fake_replays.cc
  LINK daybook_json)
