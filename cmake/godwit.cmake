# The functions that the folders' CMakeLists.txt are made of. All sources are named one by one, never globbed.

# Ours, wherever it stands: flags and include paths. "base/result.h" is found below src/, "sim/world.h" below the
# root, which only folders outside src/ see.
function(_godwit_target target scope)
  target_link_libraries(${target} ${scope} godwit_options)
  target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}/src")
  string(FIND "${CMAKE_CURRENT_SOURCE_DIR}/" "${PROJECT_SOURCE_DIR}/src/" below_src)
  if(NOT below_src EQUAL 0)
    target_include_directories(${target} ${scope} "${PROJECT_SOURCE_DIR}")
  endif()
endfunction()

# What many sources of `target` include is read once, where the preset says so.
function(_godwit_precompile target)
  if(GODWIT_PRECOMPILE AND ARGN)
    list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/" REGEX "^[^<]")
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

function(_godwit_check_arguments function prefix)
  if(${prefix}_UNPARSED_ARGUMENTS OR ${prefix}_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR
      "${function}: cannot use: ${${prefix}_UNPARSED_ARGUMENTS} ${${prefix}_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT ${prefix}_NAME)
    message(FATAL_ERROR "${function}: NAME is missing")
  endif()
endfunction()

# godwit_test(NAME <ctest name> COMMAND <program> [<argument>...] [LABELS <label>...] [TIMEOUT <seconds>]
#             [ENVIRONMENT <name=value>...] [SERIAL] [BROWSERS <number>] [COST <number>])
# Registers any command as a test. The asan build runs the tests that carry the label "asan" and no others.
# SERIAL: never beside another test (for what measures time or takes a fixed port). BROWSERS: how many it takes of those that may run at
# once (cmake/browsers.json). COST: those with more begin earlier, while it is not known how long each takes.
function(godwit_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "SERIAL" "NAME;TIMEOUT;BROWSERS;COST" "COMMAND;LABELS;ENVIRONMENT")
  _godwit_check_arguments(godwit_test arg)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  set_tests_properties(${arg_NAME} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
    ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1;${arg_ENVIRONMENT}")
  if(arg_SERIAL)
    set_tests_properties(${arg_NAME} PROPERTIES RUN_SERIAL ON)
  endif()
  if(arg_BROWSERS)
    set_tests_properties(${arg_NAME} PROPERTIES RESOURCE_GROUPS "browsers:${arg_BROWSERS}")
  endif()
  if(arg_COST)
    set_tests_properties(${arg_NAME} PROPERTIES COST "${arg_COST}")
  endif()
endfunction()

# One gtest program out of `sources`, one ctest entry. Only what is tested is optimised: the tests themselves would take
# twice as long to build and run no faster. With `shards` above 1 the sanitizers' build runs it in so many parts beside each other, without
# the false stack that finds uses after return: a quarter of their time, and what they run has unit tests that keep it.
function(_godwit_gtest program test sources deps labels shards headers)
  if(NOT GODWIT_UNIT_TESTS)
    return()
  endif()
  add_executable(${program} ${sources})
  _godwit_target(${program} PRIVATE)
  list(LENGTH sources many)
  if(headers OR many GREATER 2)
    _godwit_precompile(${program} ${headers} <gtest/gtest.h>)
  endif()
  if(GODWIT_SANITIZE)
    target_compile_options(${program} PRIVATE -g0)  # gtest names the lines of tests; a fifth of their building is this
  else()
    target_compile_options(${program} PRIVATE -O0 -U_FORTIFY_SOURCE)
  endif()
  target_link_libraries(${program} PRIVATE ${deps} godwit_source_dir GTest::gtest_main)
  # The sanitizers make the longest of them ten times as long; only one that hangs takes this long.
  if(NOT GODWIT_SANITIZE OR shards EQUAL 1)
    godwit_test(NAME ${test} COMMAND ${program} --gtest_brief=1 LABELS ${labels} asan TIMEOUT 1800)
    return()
  endif()
  foreach(part RANGE 1 ${shards})
    math(EXPR index "${part} - 1")
    godwit_test(NAME ${test}_${part} COMMAND ${program} --gtest_brief=1 LABELS ${labels} asan TIMEOUT 1800
      ENVIRONMENT GTEST_TOTAL_SHARDS=${shards} GTEST_SHARD_INDEX=${index} ASAN_OPTIONS=detect_stack_use_after_return=0)
  endforeach()
endfunction()

# godwit_library(NAME <name> [SOURCES <file.cc>...] [DEPS <target>...] [EXCEPTIONS] [HOT]
#                [TESTS <file_test.cc>...] [VECTOR_TESTS <file_test.cc>...] [TEST_DEPS <target>...] [SHARDS <n>]
#                [SOURCES_INCLUDE <header>...] [TESTS_INCLUDE <header>...] [VECTOR_TESTS_INCLUDE <header>...])
# Makes the static library godwit_<name>, without exceptions and RTTI unless EXCEPTIONS is given; out of TESTS the
# program <name>_test, in ctest as <name>; out of VECTOR_TESTS (tests over published vectors) the program
# <name>_vectors_test, in ctest as <name>_vectors. Tests have exceptions and RTTI. HOT: the tests spend their time in it, so the
# sanitizers' build optimises it as well (the home's tests take a sixth of the time, compiling it half as long again).
# SOURCES_INCLUDE and its sisters: what most of them include, from the root of the tree; see _godwit_precompile. Tests include gtest anyway.
function(godwit_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "EXCEPTIONS;HOT" "NAME;SHARDS"
    "SOURCES;SOURCES_INCLUDE;TESTS;TESTS_INCLUDE;VECTOR_TESTS;VECTOR_TESTS_INCLUDE;DEPS;TEST_DEPS")
  _godwit_check_arguments(godwit_library arg)
  if(NOT arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  set(library godwit_${arg_NAME})
  if(arg_SOURCES)
    add_library(${library} STATIC ${arg_SOURCES})
    _godwit_target(${library} PUBLIC)
    target_link_libraries(${library} PUBLIC ${arg_DEPS})
    _godwit_precompile(${library} ${arg_SOURCES_INCLUDE})
    if(NOT arg_EXCEPTIONS)
      target_compile_options(${library} PRIVATE -fno-exceptions -fno-rtti)
    endif()
    if(arg_HOT AND GODWIT_SANITIZE)
      target_compile_options(${library} PRIVATE -O1)
    endif()
  else()
    add_library(${library} INTERFACE)
    _godwit_target(${library} INTERFACE)
    target_link_libraries(${library} INTERFACE ${arg_DEPS})
  endif()
  # What is compiled for browsers is tested natively, and as a whole (web/src/engine/tests).
  if(GODWIT_WASM)
    return()
  endif()
  if(arg_TESTS)
    _godwit_gtest(${arg_NAME}_test ${arg_NAME} "${arg_TESTS}" "${library};${arg_TEST_DEPS}" unit ${arg_SHARDS}
      "${arg_TESTS_INCLUDE}")
  endif()
  if(arg_VECTOR_TESTS)
    _godwit_gtest(${arg_NAME}_vectors_test ${arg_NAME}_vectors "${arg_VECTOR_TESTS}" "${library};${arg_TEST_DEPS}"
      vectors 1 "${arg_VECTOR_TESTS_INCLUDE}")
  endif()
endfunction()

# godwit_executable(NAME <program> SOURCES <file.cc>... [DEPS <target>...])
# Makes <build>/bin/<program>; in the sanitizers' build only if something depends on it, since that one runs the unit tests.
function(godwit_executable)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPS")
  _godwit_check_arguments(godwit_executable arg)
  add_executable(${arg_NAME} ${arg_SOURCES})
  if(GODWIT_SANITIZE)
    set_target_properties(${arg_NAME} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
  _godwit_target(${arg_NAME} PRIVATE)
  target_link_libraries(${arg_NAME} PRIVATE ${arg_DEPS})
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
endfunction()

# godwit_fuzz(NAME <name> SOURCES <name_fuzz.cc>... [DEPS <target>...] [CORPUS <folder>])
# Makes the libFuzzer program <name>_fuzz out of a source that defines LLVMFuzzerTestOneInput, in the asan build only.
# ctest fuzz_<name> replays the corpus, fuzz/corpus/<name> unless told otherwise.
function(godwit_fuzz)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;CORPUS" "SOURCES;DEPS")
  _godwit_check_arguments(godwit_fuzz arg)
  if(NOT GODWIT_SANITIZE)
    return()
  endif()
  if(NOT arg_CORPUS)
    set(arg_CORPUS "${PROJECT_SOURCE_DIR}/fuzz/corpus/${arg_NAME}")
  endif()
  cmake_path(ABSOLUTE_PATH arg_CORPUS BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  set(program ${arg_NAME}_fuzz)
  add_executable(${program} ${arg_SOURCES})
  target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  _godwit_target(${program} PRIVATE)
  target_link_libraries(${program} PRIVATE ${arg_DEPS})
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${program})
  godwit_test(NAME fuzz_${arg_NAME} COMMAND ${program} -runs=0 "${arg_CORPUS}" LABELS fuzz asan)
endfunction()
