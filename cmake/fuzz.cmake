# Everything below is compiled for libFuzzer, with findings that end the process.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "RATIONALE_FUZZ needs clang: cmake --preset fuzz (packages clang, libclang-rt-14-dev)")
endif()
set(fuzz_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
  -fno-omit-frame-pointer)
add_compile_options(${fuzz_flags})
add_link_options(-fsanitize=address,undefined)
