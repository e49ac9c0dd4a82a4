# Warnings are errors on gcc and clang; hardening as spec reliability 5.7 asks.
add_compile_definitions(_GNU_SOURCE)
add_compile_options(
    -Wall -Wextra -Werror -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wformat=2 -Wundef -Wvla -Wwrite-strings -Wpointer-arith -Wcast-qual
    -Wnull-dereference -Wdouble-promotion -Wimplicit-fallthrough -Wswitch-enum
    -fstack-protector-strong -fno-strict-overflow -fno-delete-null-pointer-checks
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # Cutting text to a fixed array is wanted where snprintf is used; -Wformat-truncation cannot know.
    add_compile_options(-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wno-format-truncation)
    # gcc's -Wnull-dereference is unreliable under sanitizers' instrumentation.
    if(TRIDENT_SANITIZE)
        add_compile_options(-Wno-null-dereference -Wno-maybe-uninitialized)
    endif()
else()
    add_compile_options(-Wthread-safety -Wno-gnu-statement-expression)
endif()

if(TRIDENT_SANITIZE)
    string(REPLACE ";" "," _san "${TRIDENT_SANITIZE}")
    add_compile_options(-fsanitize=${_san} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${_san})
else()
    add_compile_options(-fstack-clash-protection -fcf-protection=full)
    # clang 14 has it behind a flag that later versions dropped.
    include(CheckCCompilerFlag)
    check_c_compiler_flag(-ftrivial-auto-var-init=zero TRIDENT_HAS_AUTO_VAR_INIT)
    if(TRIDENT_HAS_AUTO_VAR_INIT)
        add_compile_options(-ftrivial-auto-var-init=zero)
    endif()
    add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
    add_link_options(-pie)
    if(CMAKE_BUILD_TYPE STREQUAL "Release")
        add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    endif()
endif()
if(TRIDENT_COVERAGE)
    add_compile_options(--coverage)
    add_link_options(--coverage)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -DTRIDENT_DEBUG_LOCKS=1")
