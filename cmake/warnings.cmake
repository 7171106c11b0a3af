# Every target of ours links this; nobody else's code does.
add_library(rationale_warnings INTERFACE)
# Members left out of a designated initialiser have their defaults: that is what the form is for.
target_compile_options(rationale_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-missing-field-initializers)
if(RATIONALE_WERROR)
  target_compile_options(rationale_warnings INTERFACE -Werror)
endif()
target_include_directories(rationale_warnings INTERFACE ${PROJECT_SOURCE_DIR})
