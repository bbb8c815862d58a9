# How everything of ours is compiled. The optimisation level comes from the preset.
include(CheckPIESupported)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT GODWIT_WASM)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  check_pie_supported(LANGUAGES CXX)
endif()

option(GODWIT_SANITIZE "ASan, UBSan and libFuzzer; needs clang" OFF)
option(GODWIT_FUZZ "with GODWIT_SANITIZE: what a fuzz target has reached is counted, which replaying a corpus does without" OFF)
option(GODWIT_UNIT_TESTS "the unit tests; the release build leaves them to the sanitizers'" ON)
option(GODWIT_PRECOMPILE "headers that many sources include are read once" OFF)

find_program(GODWIT_CCACHE ccache)
if(GODWIT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without these it does not take what includes a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${GODWIT_CCACHE}")
endif()
find_program(GODWIT_MOLD mold)

# Linked by every target of ours: warnings, hardening, sanitizers, the linker.
add_library(godwit_options INTERFACE)
target_compile_options(godwit_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Werror)
if(GODWIT_WASM)
  # In the browser's sandbox there is neither a return address on the stack nor a frame pointer.
  # Where the tree lies must not show in what is shipped: whoever builds it gets the same bytes.
  target_compile_options(godwit_options INTERFACE -flto "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
  target_compile_definitions(godwit_options INTERFACE _LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST)
  return()
endif()
target_compile_options(godwit_options INTERFACE -fstack-protector-strong -fno-omit-frame-pointer)
target_compile_definitions(godwit_options INTERFACE _GLIBCXX_ASSERTIONS)
if(GODWIT_MOLD)
  target_link_options(godwit_options INTERFACE -fuse-ld=mold)
endif()
if(GODWIT_SANITIZE)
  # vptr wants RTTI, which the core is built without.
  set(sanitizers -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  target_compile_options(godwit_options INTERFACE ${sanitizers})
  if(GODWIT_FUZZ)
    target_compile_options(godwit_options INTERFACE -fsanitize=fuzzer-no-link)
  endif()
  target_link_options(godwit_options INTERFACE ${sanitizers})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(godwit_options INTERFACE _FORTIFY_SOURCE=2)
endif()
