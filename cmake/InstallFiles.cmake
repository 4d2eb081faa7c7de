# Runs at `cmake --install`: the files whose place or content depends on the prefix, which may be
# chosen only then. Needs DAYBOOK_SOURCE and DAYBOOK_BUILD.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(etc /etc)
else()
  set(etc "${CMAKE_INSTALL_PREFIX}/etc")
endif()

# The unit names the daemon and its configuration by their full paths.
file(READ "${DAYBOOK_SOURCE}/systemd/daybookd.service" unit)
string(REPLACE "/usr/sbin/daybookd" "${CMAKE_INSTALL_PREFIX}/sbin/daybookd" unit "${unit}")
string(REPLACE "/etc/daybook/" "${etc}/daybook/" unit "${unit}")
file(WRITE "${DAYBOOK_BUILD}/install/daybookd.service" "${unit}")
file(INSTALL "${DAYBOOK_BUILD}/install/daybookd.service"
     DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/systemd/system")

if(EXISTS "$ENV{DESTDIR}${etc}/daybook/daybook.toml")
  message(STATUS "Kept: $ENV{DESTDIR}${etc}/daybook/daybook.toml")
else()
  file(INSTALL "${DAYBOOK_SOURCE}/config/daybook.toml" DESTINATION "${etc}/daybook")
endif()

# Compressed as Debian's policy asks; without a time stamp, so that builds can be compared.
find_program(GZIP gzip)
foreach(page daybook.1 daybook.toml.5 daybookd.8)
  string(REGEX MATCH "[0-9]$" section "${page}")
  set(source "${DAYBOOK_SOURCE}/docs/man/${page}")
  if(GZIP)
    execute_process(COMMAND "${GZIP}" -9nc "${source}"
                    OUTPUT_FILE "${DAYBOOK_BUILD}/install/${page}.gz" COMMAND_ERROR_IS_FATAL ANY)
    set(source "${DAYBOOK_BUILD}/install/${page}.gz")
  endif()
  file(INSTALL "${source}" DESTINATION "${CMAKE_INSTALL_PREFIX}/share/man/man${section}")
endforeach()
