# How every target of the project is built.
include_guard()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(daybook_flags INTERFACE)
target_include_directories(daybook_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(daybook_flags INTERFACE -Wall -Wextra -Wconversion -Werror
  -Wno-missing-field-initializers)  # Designated initializers name what differs.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the frame allocator of Asio's coroutines for a mismatch where it inlines one half.
  # It also imagines copies out of small_vector's own storage that cannot happen.
  # And overlaps in `"x" + std::string` (GCC bug 105651), at -O3.
  target_compile_options(daybook_flags INTERFACE -Wno-mismatched-new-delete
    -Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict)
endif()
target_link_libraries(daybook_flags INTERFACE Threads::Threads)
if(DAYBOOK_SANITIZE)
  target_compile_options(daybook_flags INTERFACE
    -fsanitize=${DAYBOOK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Sanitizers make false ones of it, as GCC's manual says; Asio has fences that TSan cannot see.
    target_compile_options(daybook_flags INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
  else()
    # Clang 14 cannot assemble it into coroutines ("cannot represent a difference across sections").
    target_compile_options(daybook_flags INTERFACE -fno-sanitize=function)
  endif()
  target_link_options(daybook_flags INTERFACE -fsanitize=${DAYBOOK_SANITIZE})
endif()
if(DAYBOOK_FUZZ AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(daybook_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(daybook_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# daybook_library(NAME SOURCES file... LINK target... [PRIVATE target...])
function(daybook_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC daybook_flags ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
endfunction()

# daybook_program(NAME SOURCES file... LINK target...)
function(daybook_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE daybook_flags ${ARG_LINK})
endfunction()
