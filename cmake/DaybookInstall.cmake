# `cmake --install` and the Debian package (`./dev package`).
#
#   PREFIX/bin/daybook  PREFIX/sbin/daybookd  PREFIX/lib/systemd/system/daybookd.service
#   PREFIX/share/man/…  PREFIX/share/doc/daybook/copyright  ETC/daybook/daybook.toml
#
# ETC is /etc for the prefix /usr, else PREFIX/etc. An existing daybook.toml is never overwritten.
include_guard()
include(GNUInstallDirs)

install(TARGETS daybook RUNTIME DESTINATION bin)
install(TARGETS daybookd RUNTIME DESTINATION sbin)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/daybook RENAME copyright)
install(CODE "set(DAYBOOK_SOURCE \"${CMAKE_SOURCE_DIR}\")")
install(CODE "set(DAYBOOK_BUILD \"${CMAKE_BINARY_DIR}\")")
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/InstallFiles.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME daybook)
set(CPACK_PACKAGE_VENDOR "The Daybook authors")
set(CPACK_PACKAGE_CONTACT "The Daybook authors <daybook@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "durable event log daemon and its command line")
set(CPACK_PACKAGE_DESCRIPTION
    "Services append events over HTTP or WebSocket, read them back by offset, type, tag or
aggregate, and subscribe with offsets that survive restarts. An event is acknowledged
once it is on disk.

The package neither enables nor starts the daemon: systemctl enable --now daybookd.")
set(CPACK_PACKAGE_INSTALL_DIRECTORY daybook)
set(CPACK_STRIP_FILES ON)
# The unit and /etc/daybook lie outside of one prefix: stage with DESTDIR.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "systemd, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_LIST_DIR}/debian/conffiles ${CMAKE_CURRENT_LIST_DIR}/debian/postinst
    ${CMAKE_CURRENT_LIST_DIR}/debian/prerm ${CMAKE_CURRENT_LIST_DIR}/debian/postrm)
include(CPack)
