# cmake --install build/release [--prefix DIR]: the program, the chat page of its demo, the systemd unit (which names
# the program by its place), the sample configuration and what to read.
include(GNUInstallDirs)
if(TARGET trident)
    install(TARGETS trident RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY web/chat DESTINATION ${CMAKE_INSTALL_DATADIR}/trident/web)
install(DIRECTORY packaging/prometheus packaging/grafana packaging/logrotate
    DESTINATION ${CMAKE_INSTALL_DATADIR}/trident)
install(FILES config/trident.sample.json config/trident.schema.json README.md CHANGELOG.md LICENSE
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/trident)
install(CODE "set(unit_source \"${CMAKE_SOURCE_DIR}/packaging/systemd/trident.service\")")
install(CODE [[
    file(READ "${unit_source}" unit)
    string(REPLACE "/usr/local/" "${CMAKE_INSTALL_PREFIX}/" unit "${unit}")
    file(WRITE "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/trident.service" "${unit}")
    message(STATUS "Installing: $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/trident.service")
]])
