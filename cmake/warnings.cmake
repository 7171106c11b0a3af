# Every target of ours links this; nobody else's code does.
add_library(rationale_warnings INTERFACE)
target_compile_options(rationale_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion)
if(RATIONALE_WERROR)
  target_compile_options(rationale_warnings INTERFACE -Werror)
endif()
target_include_directories(rationale_warnings INTERFACE ${PROJECT_SOURCE_DIR})
