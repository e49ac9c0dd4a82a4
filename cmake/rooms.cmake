# trident_room(name [DEPS rooms...] [LIBS imported targets...]): one static library a room of
# docs/ARCHITECTURE.md, from every .c below src/<name>. Rooms without sources become interface libraries.
function(trident_room name)
    cmake_parse_arguments(ROOM "" "" "DEPS;LIBS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
    if(sources)
        add_library(trident_${name} STATIC ${sources})
        set(scope PUBLIC)
    else()
        add_library(trident_${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    target_include_directories(trident_${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
    foreach(dep ${ROOM_DEPS})
        target_link_libraries(trident_${name} ${scope} trident_${dep})
    endforeach()
    target_link_libraries(trident_${name} ${scope} ${ROOM_LIBS} Threads::Threads)
endfunction()

# trident_unit(room [DEPS rooms...]): tests/unit/<room>/test_<suite>.c, one executable a room, one CTest entry
# a file; the Criterion suite is named like the file.
function(trident_unit room)
    cmake_parse_arguments(UNIT "" "" "DEPS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${room}/test_*.c)
    if(NOT sources)
        return()
    endif()
    add_executable(unit_${room} ${sources})
    # Criterion's macros do not survive the strictest warnings.
    target_compile_options(unit_${room} PRIVATE -Wno-shadow -Wno-conversion -Wno-sign-conversion
        -Wno-missing-prototypes -Wno-double-promotion -Wno-null-dereference -Wno-cast-qual -Wno-unused-parameter
        -Wno-missing-field-initializers -Wno-sign-compare)
    target_include_directories(unit_${room} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(unit_${room} PRIVATE
        TRIDENT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TRIDENT_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared")
    target_link_libraries(unit_${room} PRIVATE trident_${room})
    if(TRIDENT_SANITIZE STREQUAL "thread")
        # Criterion's process isolation and ThreadSanitizer want the same addresses.
        target_sources(unit_${room} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/plain/plain.c)
        target_include_directories(unit_${room} BEFORE PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/plain)
        target_compile_options(unit_${room} PRIVATE -Wno-format-nonliteral -Wno-format-zero-length)
    else()
        target_link_libraries(unit_${room} PRIVATE PkgConfig::CRITERION)
    endif()
    if(TRIDENT_SANITIZE MATCHES "address")
        target_sources(unit_${room} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support/leaks.c)
    endif()
    foreach(dep ${UNIT_DEPS})
        target_link_libraries(unit_${room} PRIVATE trident_${dep})
    endforeach()
    foreach(source ${sources})
        get_filename_component(suite ${source} NAME_WE)
        string(REGEX REPLACE "^test_" "" suite ${suite})
        add_test(NAME unit.${room}.${suite}
            COMMAND unit_${room} --filter "${suite}/*" --jobs 2)
        set_tests_properties(unit.${room}.${suite} PROPERTIES LABELS "unit;${room}" TIMEOUT 120
            # A leak is found when the test's process ends; Criterion has counted the test by then.
            FAIL_REGULAR_EXPRESSION "ERROR: LeakSanitizer")
    endforeach()
endfunction()
