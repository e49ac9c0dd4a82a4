# Read by ctest itself (TEST_INCLUDE_FILES): how strict the sanitizers are in every test and in every program that a
# test starts. Nothing happens in builds without sanitizers.
set(ENV{ASAN_OPTIONS} "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1:abort_on_error=0")
set(ENV{UBSAN_OPTIONS} "print_stacktrace=1:halt_on_error=1")
set(ENV{TSAN_OPTIONS} "halt_on_error=1:second_deadlock_stack=1")
